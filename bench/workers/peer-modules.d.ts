// The peers are not installed when the types are checked: this is as much of their surface as is used here.

declare module "@cloudflare/actors" {
  export class Actor<Env> extends DurableObject<Env> {
    constructor(ctx: DurableObjectState, env: Env);
  }
  export function Persist(
    target: undefined,
    context: { name: string; addInitializer(initialize: (this: object) => void): void },
  ): void;
  import { DurableObject } from "cloudflare:workers";
}

declare module "agents" {
  import { DurableObject } from "cloudflare:workers";
  export class Agent<Env, State> extends DurableObject<Env> {
    initialState: State;
    get state(): State;
    setState(state: State): void;
    onRequest(request: Request): Promise<Response>;
  }
}
