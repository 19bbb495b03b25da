/** The bindings of wrangler.jsonc. */
interface Env {
  Board: DurableObjectNamespace;
}
