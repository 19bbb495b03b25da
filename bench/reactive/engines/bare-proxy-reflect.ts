// The bare Proxy as it is usually written, with Reflect and the receiver: correct for accessors and prototypes, and slower.
import { plainAccess, type Engine } from "../engine.ts";

const proxies = new WeakMap<object, object>();

const handler: ProxyHandler<object> = {
  get(target, key, receiver) {
    const value: unknown = Reflect.get(target, key, receiver);
    if (typeof value !== "object" || value === null) return value;
    return proxies.get(value) ?? wrap(value);
  },
  set: (target, key, value, receiver) => Reflect.set(target, key, value, receiver),
};

function wrap(value: object): object {
  const proxy = new Proxy(value, handler);
  proxies.set(value, proxy);
  return proxy;
}

export const engine: Engine = {
  name: "bare-proxy-reflect",
  reactive: (raw) => wrap(raw) as typeof raw,
  batch: (run) => run(),
  access: plainAccess,
};
