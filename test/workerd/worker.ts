// The Worker under test. Each area exports its Durable Object classes from a file of its own under objects/.
export * from "./objects/examples.ts";
export { FailingCommitObject, KvObject, SqliteObject } from "./objects/persistence.ts";
export * from "./objects/connection.ts";
export { OwnConnection, OwnRoom } from "./objects/own.ts";
export { BrokenRoom, HostileConnection, ListedConnection, PickyRoom } from "./objects/hostile.ts";
export { LawForgetfulGuest, LawGroupGuest, LawGuest } from "./objects/law.ts";
export { Inspected, InspectedPlainRoom, InspectedRoom, NotInspected } from "./objects/inspect.ts";
export { Journal } from "./docs/inspector.ts";
export { Larder } from "./docs/persisted-state.ts";
export { Listener } from "./docs/scaling.ts";

export default {
  fetch: () => new Response("Not found", { status: 404 }),
};
