// Stands in for cloudflare.ts where there is no workerd (Node, a bundler's dry run), so that the rest of the package loads there.
import { ConnectionError } from "./connection-error.ts";

export const env: object = {};

/** Classes can be made of it, objects can't. */
export abstract class DurableObject<Env = unknown> {
  protected readonly ctx: DurableObjectState;
  protected readonly env: Env;

  constructor(ctx: DurableObjectState, env: Env) {
    this.ctx = ctx;
    this.env = env;
    throw new ConnectionError(
      "COMPATIBILITY",
      "Durable Objects exist in workerd only; run the Worker by wrangler, or test it by @cloudflare/vitest-plugin",
    );
  }
}
