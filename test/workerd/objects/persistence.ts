import { DurableObject } from "cloudflare:workers";

/** An object with nothing in it: the tests bring their own code with `runInDurableObject`. */
export class SqliteObject extends DurableObject {}

/** The same, KV-backed (`new_classes`). */
export class KvObject extends DurableObject {}
