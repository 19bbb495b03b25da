// valtio reads without tracking; an effect is a subscription to the whole root, run synchronously.
import { proxy, subscribe } from "valtio/vanilla";
import { proxyMap, proxySet } from "valtio/vanilla/utils";
import { plainAccess, type Engine } from "../engine.ts";

export const engine: Engine = {
  name: "valtio",
  reactive(raw) {
    // Map and Set have to be asked for by name.
    for (const [key, value] of Object.entries(raw)) {
      if (value instanceof Map) Reflect.set(raw, key, proxyMap(value));
      else if (value instanceof Set) Reflect.set(raw, key, proxySet(value));
    }
    return proxy(raw);
  },
  effect(run, root) {
    run();
    let waiting = false;
    return subscribe(
      root,
      () => {
        if (batching) {
          if (!waiting) pending.push(() => ((waiting = false), run()));
          waiting = true;
        } else run();
      },
      true,
    );
  },
  // valtio has no batch of its own for synchronous subscribers, only the microtask.
  batch(run) {
    batching = true;
    try {
      run();
    } finally {
      batching = false;
      for (const rerun of pending.splice(0)) rerun();
    }
  },
  access: plainAccess,
};

let batching = false;
const pending: (() => void)[] = [];
