// One namespace of Durable Objects holds users and, where a room has no binding of its own, rooms: their names must not meet.
import { ConnectionError } from "./connection-error.ts";
import { MAX_NAME_BYTES } from "./limits.ts";
import { isLongerThan } from "./protocol.ts";

const ROOM_PREFIX = "room:";
// A user whose id looks like a room's object gets one more "user:" in front, and so does an id that looks like such an escaped one; every
// other user's object keeps the plain id as its name, as Verani's objects have it.
const collides = /^(?:user:)*room:/;

/** The name of a user's object. @throws ConnectionError with code INVALID_NAME. */
export function userObjectName(userId: string): string {
  return checkName(collides.test(userId) ? `user:${userId}` : userId);
}

/** The name of a room's object in the connection's own namespace. @throws ConnectionError with code INVALID_NAME. */
export function roomObjectName(room: string): string {
  return checkName(typeof room === "string" ? ROOM_PREFIX + room : room);
}

/**
 * The name, where the object that has it will know it, and be somebody's: a longer one is not told to the object, and half a surrogate pair becomes another name.
 *
 * @throws ConnectionError with code INVALID_NAME.
 */
export function checkName(name: string): string {
  // As a rule what a client said, of which the types know nothing.
  const isText = typeof name === "string" && name.isWellFormed();
  if (isText && name !== "" && !isLongerThan(name, MAX_NAME_BYTES)) return name;
  const found =
    name === "" ? "is empty" : isText ? `is longer than ${MAX_NAME_BYTES} bytes` : "is no well-formed text";
  throw new ConnectionError(
    "INVALID_NAME",
    `the name that begins with "${String(name).slice(0, 40).toWellFormed()}" ${found}; give another one`,
  );
}

/** What an object of the connection's namespace is, by its name. */
export type ObjectIdentity =
  | { readonly kind: "room"; readonly room: string }
  | { readonly kind: "user"; readonly userId: string };

/** Reads back what `userObjectName` and `roomObjectName` made. */
export function identify(objectName: string): ObjectIdentity {
  if (objectName.startsWith(ROOM_PREFIX)) return { kind: "room", room: objectName.slice(ROOM_PREFIX.length) };
  return { kind: "user", userId: collides.test(objectName) ? objectName.slice("user:".length) : objectName };
}

/** Where a message goes, of the argument of `emit.to`: `room:<name>`, else a user's id. */
export function parseTarget(target: string): ObjectIdentity {
  return String(target).startsWith(ROOM_PREFIX)
    ? { kind: "room", room: target.slice(ROOM_PREFIX.length) }
    : { kind: "user", userId: target };
}
