/** The bindings of wrangler.jsonc. */
interface Env {
  UserConnection: DurableObjectNamespace;
}
