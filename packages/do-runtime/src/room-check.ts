// What the types say of a room's calls, for callers that have none, and for what clients said.
import { ConnectionError } from "./connection-error.ts";
import { shown } from "./definition-check.ts";

/** @throws ConnectionError with code INVALID_ARGUMENT. */
export function checkMetadata(userId: string, metadata: unknown): void {
  if (typeof metadata !== "object" || metadata === null)
    throw invalid(`the metadata of "${userId}" are ${shown(metadata)}; give an object, as { role: "host" }`);
}

/**
 * An option that is none, or of another kind, would have everybody get what is meant for some.
 *
 * @throws ConnectionError with code INVALID_ARGUMENT.
 */
export function checkBroadcastOptions(options: unknown): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw invalid(
      `broadcast() was given ${shown(options)} as options; give an object, as { userIds: ["ada"] }`,
    );
  for (const [option, value] of Object.entries(options)) {
    if (option === "userIds") {
      if (value !== undefined && !Array.isArray(value))
        throw invalid(`broadcast() was given userIds: ${shown(value)}; give an array, as ["ada"]`);
    } else if (option !== "exceptUserId") {
      throw invalid(`broadcast() has no option "${option}"; give userIds or exceptUserId`);
    } else if (value !== undefined && typeof value !== "string") {
      throw invalid(`broadcast() was given exceptUserId: ${shown(value)}; give one user's id, as "ada"`);
    }
  }
}

/** @throws ConnectionError with code INVALID_ARGUMENT. */
export function checkChanges(changes: unknown): void {
  if (Object.prototype.toString.call(changes) !== "[object Object]")
    throw invalid(`setRoomState() was given ${shown(changes)}; give an object with the keys to change`);
}

function invalid(message: string): ConnectionError {
  return new ConnectionError("INVALID_ARGUMENT", message);
}
