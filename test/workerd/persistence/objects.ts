import { env, evictDurableObject, runInDurableObject } from "cloudflare:test";

/** An object of the test's own; storage is kept until the end of its file. */
export interface TestObject {
  run<T>(body: (storage: DurableObjectStorage) => Promise<T> | T): Promise<T>;
  /** Throws away what is in memory, as hibernation does. */
  evict(): Promise<void>;
}

let count = 0;

/** An object that nobody used before. */
export function newObject(backend: "sqlite" | "kv" = "sqlite"): TestObject {
  const namespace = (backend === "sqlite" ? env.SQLITE : env.KV) as DurableObjectNamespace;
  const stub = namespace.get(namespace.idFromName(`object ${count++}`));
  return {
    run: (body) => runInDurableObject(stub, (_, ctx) => body(ctx.storage)),
    evict: () => evictDurableObject(stub),
  };
}
