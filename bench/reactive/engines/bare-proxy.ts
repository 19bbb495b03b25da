// The limit: the leanest deep Proxy there can be. It tracks nothing; children are cached so that identity is stable.
import { plainAccess, type Engine } from "../engine.ts";

const proxies = new WeakMap<object, object>();

const handler: ProxyHandler<Record<PropertyKey, unknown>> = {
  get(target, key) {
    const value = target[key];
    if (typeof value !== "object" || value === null) return value;
    return proxies.get(value) ?? wrap(value);
  },
  set(target, key, value) {
    target[key] = value;
    return true;
  },
};

function wrap(value: object): object {
  const proxy = new Proxy(value as Record<PropertyKey, unknown>, handler);
  proxies.set(value, proxy);
  return proxy;
}

export const engine: Engine = {
  name: "bare-proxy",
  reactive: (raw) => wrap(raw) as typeof raw,
  batch: (run) => run(),
  access: plainAccess,
};
