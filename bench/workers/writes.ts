// The Worker of `npm run bench:writes`: hands each job to the object it names, of the class that runs its store.
import type { Job } from "../writes/job.ts";
import { AgentObject, PersistObject } from "./peers.ts";
import { WritesObject } from "./writes-object.ts";

export { AgentObject, PersistObject, WritesObject };

interface Env {
  WritesObject: DurableObjectNamespace;
  PersistObject: DurableObjectNamespace;
  AgentObject: DurableObjectNamespace;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { store } = await request.clone().json<Job>();
    const namespace = { persist: env.PersistObject, agents: env.AgentObject }[store] ?? env.WritesObject;
    const name = new URL(request.url).pathname.slice(1);
    try {
      return await namespace.get(namespace.idFromName(name)).fetch(request);
    } catch (error) {
      return new Response(error instanceof Error ? (error.stack ?? error.message) : String(error), {
        status: 500,
      });
    }
  },
};
