import { type Commit, type LayoutName, persisted } from "@dormouse/do-runtime";
import { DurableObject } from "cloudflare:workers";

/** An object with nothing in it: the tests bring their own code with `runInDurableObject`. */
export class SqliteObject extends DurableObject {}

/** The same, KV-backed (`new_classes`). */
export class KvObject extends DurableObject {}

/** Changes its state, replies on the raw socket, and has the commit fail: what arrives was let out before the change was stored. */
export class FailingCommitObject extends DurableObject {
  override async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const { storage } = this.ctx;
    const store = await persisted(storage, {
      state: { n: 0 },
      commit: searchParams.get("commit") as Commit,
      layout: searchParams.get("layout") as LayoutName,
    });
    storage.sql.exec("create table parent (id integer primary key)");
    storage.sql.exec("create table child (id integer references parent deferrable initially deferred)");
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.addEventListener("message", () => {
      store.state.n = 1;
      server.send("ack");
      // A constraint that is looked at in the end: the commit fails, not the statement.
      storage.sql.exec("insert into child values (1)");
    });
    return new Response(null, { status: 101, webSocket: client });
  }
}
