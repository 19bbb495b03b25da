// The peers are not installed when the types are checked: this is as much of their surface as is used here.

declare module "@cloudflare/actors" {
  import { DurableObject } from "cloudflare:workers";
  export class Actor<Env> extends DurableObject<Env> {
    constructor(ctx: DurableObjectState, env: Env);
  }
  export function Persist(
    target: undefined,
    context: { readonly name: string | symbol; addInitializer(initialize: (this: object) => void): void },
  ): void;
}

declare module "agents" {
  import { DurableObject } from "cloudflare:workers";
  export class Agent<Env, State> extends DurableObject<Env> {
    static options: { sendIdentityOnConnect?: boolean };
    initialState: State;
    get state(): State;
    setState(state: State): void;
    shouldSendProtocolMessages(): boolean;
    onRequest(request: Request): Promise<Response>;
    onMessage(connection: { send(text: string): void }, message: string | ArrayBuffer): void;
  }
}
