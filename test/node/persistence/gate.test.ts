import { persisted } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { batch, effect } from "@preact/signals-core";
import { describe, expect, it } from "vitest";

describe("what is sent without asking, as by a raw ws.send()", () => {
  it("[P34] waits for the changes made before it in the same batch", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { count: 0 } });

    batch(() => {
      store.state.count = 1;
      storage.send("saved");
    });

    expect(storage.delivered).toEqual([]);
  });

  it("[P34] waits for the changes made before it in the same transaction of the state", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { count: 0 } });

    store.transaction(() => {
      store.state.count = 1;
      storage.send("saved");
    });

    expect(storage.delivered).toEqual([]);
  });

  it("[P34] waits for the change that ran the effect it is sent from", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { count: 0, title: "" } });
    const stop = effect(() => {
      if (store.state.title !== "") storage.send(store.state.title);
    });

    batch(() => {
      store.state.count = 1;
      store.state.title = "new";
    });

    expect(storage.delivered).toEqual([]);
    await store.flush();
    expect(storage.delivered).toEqual(["new"]);
    stop();
  });
});
