// What the platform complains of when a binding leads to the wrong class: of no use until it happens, and a chunk of its own.
import { howToBind } from "./bindings.ts";
import { ConnectionError } from "./connection-error.ts";
import { toError } from "./errors.ts";

/** Turns the platform's complaint about a class into one that says what to write; any other error stays as it is. */
export function explainCallError(thrown: unknown, binding: string, maker: string): unknown {
  // The program's own errors come this way too, as what onJoin throws to refuse: only the platform's own sentences are meant.
  const { message } = toError(thrown);
  if (
    /^The RPC receiver\b.* does not implement |^The receiving Durable Object does not support RPC/.test(
      message,
    )
  ) {
    return new ConnectionError(
      "CLASS_MISMATCH",
      `the class behind the binding "${binding}" is not one made by ${maker} ("${message}"); ` +
        `in wrangler.jsonc, let its "class_name" name the class that you export from ${maker}:\n${howToBind(binding)}`,
      { cause: thrown },
    );
  }
  if (
    /Durable Object class .*(?:no migration|not (?:found|exported))|not (?:currently )?configured to implement Durable Objects|no such (?:Durable Object|actor) class/i.test(
      message,
    )
  ) {
    return new ConnectionError(
      "MIGRATION_MISSING",
      `the class behind the binding "${binding}" is not known to the platform ("${message}"); export it from the Worker's main module and write in wrangler.jsonc:\n${howToBind(binding)}`,
      { cause: thrown },
    );
  }
  // Thrown here, not there: the method of the stub itself is missing.
  if (thrown instanceof TypeError && !("remote" in thrown) && /\.\w+ is not a function$/.test(message)) {
    return new ConnectionError(
      "COMPATIBILITY",
      `the objects behind the binding "${binding}" take no calls ("${message}"); set "compatibility_date" to 2024-04-03 or later in wrangler.jsonc`,
      { cause: thrown },
    );
  }
  return thrown;
}
