// ctx.emit: names an event, encodes it once, and hands it to the outbox or to another object.
import { ConnectionError } from "./connection-error.ts";
import { toError } from "./errors.ts";
import { parseTarget } from "./object-names.ts";
import { encodeEvent } from "./protocol.ts";

/** Where emitted frames can go, as the object offers it. */
export interface Routes {
  /** To the context's own socket or sockets. */
  toSelf(frame: string): Promise<boolean>;
  toRoom(room: string, frame: string, includeSelf: boolean): Promise<number>;
  toUser(userId: string, frame: string): Promise<number>;
}

/** `Emit` without the contract's types. */
export interface UntypedEmit {
  emit(event: string, data?: unknown): Promise<boolean>;
  to(target: string): UntypedTarget;
  toRoom(name: string, options?: { readonly includeSelf?: boolean }): UntypedTarget;
  toUser(userId: string): UntypedTarget;
}

interface UntypedTarget {
  emit(event: string, data?: unknown): Promise<number>;
}

export function createEmit(routes: Routes): UntypedEmit {
  const toRoom = (room: string, includeSelf: boolean): UntypedTarget => ({
    emit: (event, data) => routes.toRoom(room, encode(event, data), includeSelf),
  });
  const toUser = (userId: string): UntypedTarget => ({
    emit: (event, data) => routes.toUser(userId, encode(event, data)),
  });
  return {
    emit: (event, data) => routes.toSelf(encode(event, data)),
    to(target) {
      const identity = parseTarget(target);
      return identity.kind === "room" ? toRoom(identity.room, false) : toUser(identity.userId);
    },
    toRoom: (name, options) => toRoom(name, options?.includeSelf ?? false),
    toUser,
  };
}

/** `encodeEvent`, with an error that names the event. */
export function encode(event: string, data: unknown): string {
  try {
    return encodeEvent(event, data);
  } catch (thrown) {
    const cause = toError(thrown);
    throw new ConnectionError(
      "PAYLOAD_NOT_JSON",
      `the payload of "${event}" can't be JSON: ${cause.message}; convert it before emitting`,
      { cause },
    );
  }
}
