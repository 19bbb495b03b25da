import type * as Worker from "./worker.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      SQLITE: DurableObjectNamespace<Worker.SqliteObject>;
      KV: DurableObjectNamespace<Worker.KvObject>;
    }
    interface GlobalProps {
      mainModule: typeof Worker;
    }
  }
}
