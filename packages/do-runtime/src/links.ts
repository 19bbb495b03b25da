// The ways between objects: which binding, which name, and an explanation when the call finds the wrong class there.
import { namespaceOf } from "./bindings.ts";
import { checkName, roomObjectName, userObjectName } from "./object-names.ts";
import type { RoomPort, UserPort } from "./ports.ts";

/** Where rooms and users live, as a definition says it. */
export interface Places {
  readonly connectionBinding: string;
  readonly rooms: ReadonlyMap<string, string>;
}

/** The way to a user's object. */
export function linkToUser(env: unknown, binding: string, userId: string): UserPort {
  const namespace = namespaceOf(env, binding, `the user "${userId}"`);
  const explain = explaining(binding, "createConnectionHandler");
  // The stub answers to whatever class is behind the binding; that it is one of ours shows when it is called.
  const stub = namespace.getByName(userObjectName(userId)) as unknown as UserPort;
  return {
    deliverFrames: (frames) => explain(() => stub.deliverFrames(frames)),
    leftRoom: (name) => explain(() => stub.leftRoom(name)),
    wasPutOut: (name) => explain(() => stub.wasPutOut(name)),
  };
}

/** The way to a room's object: its own binding, else the connection's, where it is the object "room:<name>". */
export function linkToRoom(env: unknown, { connectionBinding, rooms }: Places, room: string): RoomPort {
  const binding = rooms.get(room) ?? rooms.get(String(room).split(":", 1)[0] ?? room) ?? connectionBinding;
  const namespace = namespaceOf(env, binding, `the room "${room}"`);
  const isApart = binding !== connectionBinding;
  const explain = explaining(binding, isApart ? "createRoomHandler" : "createConnectionHandler");
  const name = isApart ? checkName(room) : roomObjectName(room);
  const stub = namespace.getByName(name) as unknown as RoomPort;
  return {
    join: (...call) => explain(() => stub.join(...call)),
    memberLeaves: (userId) => explain(() => stub.memberLeaves(userId)),
    broadcastFrame: (frame, options) => explain(() => stub.broadcastFrame(frame, options)),
  };
}

/** Makes a call, and says what is wrong with the binding where it fails for that. */
function explaining(binding: string, maker: string) {
  return async <Result>(call: () => Promise<Result>): Promise<Result> => {
    try {
      return await call();
    } catch (thrown) {
      const { explainCallError } = await import("./call-error.ts");
      throw explainCallError(thrown, binding, maker);
    }
  };
}

/**
 * Calls over one link as long as calls by that name are under way, and over a new one after a failure.
 *
 * "There are no ordering guarantees between different stubs", and one that failed fails for good
 * (developers.cloudflare.com/durable-objects/api/stub).
 */
export function inOrder<Port>(
  link: (name: string) => Port,
): <Result>(name: string, call: (port: Port) => Promise<Result>) => Promise<Result> {
  const links = new Map<string, { readonly port: Port; calls: number }>();
  return async (name, call) => {
    const used = links.get(name) ?? { port: link(name), calls: 0 };
    links.set(name, used);
    used.calls++;
    const letGo = () => {
      if (links.get(name) === used) links.delete(name);
    };
    try {
      return await call(used.port);
    } catch (error) {
      letGo();
      throw error;
    } finally {
      if (--used.calls === 0) letGo();
    }
  };
}
