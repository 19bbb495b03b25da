import { DurableObject } from "cloudflare:workers";
import { persisted } from "@dormouse/do-runtime";

// #region counter
export class Counter extends DurableObject {
  #store = persisted(this.ctx.storage, { state: { visits: 0 } });

  async visit() {
    const { state } = await this.#store;
    return ++state.visits;
  }
}
// #endregion

export default {
  fetch: async (_request, env) => new Response(`visits: ${await env.COUNTER.getByName("home").visit()}\n`),
} satisfies ExportedHandler<{ COUNTER: DurableObjectNamespace<Counter> }>;
