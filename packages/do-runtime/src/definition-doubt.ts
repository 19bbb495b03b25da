// Whether a connection's definition may be one that no compiler has seen: only then is loaded what can tell.

/** The options that say how the state is stored: those of `persisted()`. */
export const STORING = "persistOptions onPersistError layout commit version migrate";

/** The options of `defineConnection`, and what it adds to them. */
const NAMES = `${STORING} name connectionBinding state persistedKeys inspect inspectGuard onError onDestroy events websocketPath rooms extractMeta onConnect onDisconnect onMessage onHibernationRestore maxSockets maxMessageBytes maxQueuedLength handlers settings on off`;

/** Whether something is no option, looks wrong as the value of one, says how to store and not what, or is never called. */
export function isDoubtful(definition: {
  readonly persistedKeys?: unknown;
  readonly handlers?: ReadonlyMap<string, unknown>;
}): boolean {
  return (
    definition.handlers?.has("ping") ||
    Object.entries(definition).some(
      ([option, value]) =>
        !NAMES.split(" ").includes(option) ||
        // What is in these takes more than a look.
        (value && /events|rooms/.test(option)) ||
        (STORING.split(" ").includes(option) && !definition.persistedKeys) ||
        (typeof value === "function") !==
          (/^o[nf]|^extract|^migrate|Guard/.test(option) && value !== undefined) ||
        (Array.isArray(value) && option !== "persistedKeys") ||
        (option === "persistOptions" &&
          Object.keys(Object(value)).some((key) => key !== "shallow" && key !== "throwOnError")),
    )
  );
}
