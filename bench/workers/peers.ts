// The peers from npm as they are: their base classes, their way to declare a state, their way to change it.
import { Actor, Persist } from "@cloudflare/actors";
import { Agent } from "agents";
import type { State, Step, Workload } from "../writes/workload.ts";
import { findWorkload } from "../writes/workloads/index.ts";
import type { Store } from "../writes/stores/store.ts";
import { runJob } from "./writes-object.ts";
import type { Job } from "../writes/job.ts";

function workloadOf(ctx: DurableObjectState): Workload {
  return findWorkload(ctx.id.name?.split(":")[0] ?? "");
}

/** `@Persist` on one field for each key of the workload's state. */
export class PersistObject extends Actor<Cloudflare.Env> {
  readonly #fields: State = {};

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    for (const [key, value] of Object.entries(workloadOf(ctx).initial())) {
      Reflect.set(this, key, value);
      // What `@Persist field = value` compiles to: the initializers run once the field has its value.
      Persist(undefined, { name: key, addInitializer: (initialize) => initialize.call(this) });
      Object.defineProperty(this.#fields, key, {
        enumerable: true,
        get: () => Reflect.get(this, key) as unknown,
        set: (next) => {
          Reflect.set(this, key, next);
        },
      });
    }
  }

  override async fetch(request: Request): Promise<Response> {
    const job = await request.json<Job>();
    const assigned = new Set<string>();
    const store: Store = {
      name: "persist",
      title: "@Persist",
      // An array is only wrapped once it has been assigned.
      open: async () => ({
        state: this.#fields,
        sees: (step) => step.insideArray !== true || seen(step, assigned),
        endTurn() {},
      }),
    };
    return Response.json(await runJob(this.ctx, store, job));
  }
}

function seen(step: Step, assigned: Set<string>): boolean {
  const all = step.keys.every((key) => assigned.has(key));
  for (const key of step.keys) assigned.add(key);
  return all;
}

/** `setState` after every statement. */
export class AgentObject extends Agent<Cloudflare.Env, State> {
  override initialState: State = workloadOf(this.ctx).initial();

  override async onRequest(request: Request): Promise<Response> {
    const job = await request.json<Job>();
    let assigned: State = {};
    const state = new Proxy<State>(
      {},
      {
        get: (_, key) => Reflect.get(key in assigned ? assigned : this.state, key) as unknown,
        set: (_, key, value) => Reflect.set(assigned, key, value),
        ownKeys: () => Reflect.ownKeys(this.state),
        getOwnPropertyDescriptor: (_, key) => ({
          configurable: true,
          enumerable: true,
          value: Reflect.get(this.state, key) as unknown,
        }),
      },
    );
    const sees = () => {
      this.setState({ ...this.state, ...assigned });
      assigned = {};
      return true;
    };
    const store: Store = {
      name: "agents",
      title: "agents setState",
      open: async () => ({ state, sees, endTurn() {} }),
    };
    return Response.json(await runJob(this.ctx, store, job));
  }
}
