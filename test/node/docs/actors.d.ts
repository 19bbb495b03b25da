// The package isn't installed here: this is as much of its surface as docs/coming-from.md uses.
declare module "@cloudflare/actors" {
  export class Actor<Env> {
    protected readonly env: Env;
  }
  export function Persist(
    target: undefined,
    context: { readonly name: string | symbol; addInitializer(initialize: (this: object) => void): void },
  ): void;
}
