import { reactive, trackDirty } from "@dormouse/reactive";
import { persisted } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it, vi } from "vitest";

it("the seam between the packages", () => {
  const state = reactive({ board: { title: "Summer" } });
  const refuse = vi.fn();
  const onDirty = vi.fn();

  // #region tracker
  const tracker = trackDirty(state, { shallow: false, refuse, onDirty });
  state.board.title = "Autumn";

  expect(onDirty).toHaveBeenCalledOnce(); // at the change itself
  expect(tracker.version.value).toBe(1); // a signal: moves once when the root goes from clean to dirty
  expect(tracker.keys()).toEqual(new Set(["board"])); // the top-level keys changed since the last take()
  expect(tracker.take().get("board")).toEqual({ patches: [{ op: "set", path: ["title"], value: "Autumn" }] });
  expect(tracker.isDirty).toBe(false); // clean after take(), which costs O(changed)
  // #endregion
});

it("the seam between persistence and what sends", async () => {
  const storage = memoryStorage();
  const reply = vi.fn();

  // #region store
  const store = await persisted(storage, { state: { title: "", views: 0 } });
  store.state.title = "Autumn"; // the reactive root
  store.state.views++;
  expect(store.isDirty).toBe(true); // something has changed that no put has been submitted for

  const ready = store.beforeSend(); // Promise<void> | undefined; throws or rejects with PersistError
  expect(store.isDirty).toBe(false);
  if (ready !== undefined) await ready;
  reply(); // the output gate holds it until the commit

  await store.flush(); // durable (storage.sync()), else rejects with PersistError
  // #endregion
  expect((await persisted(storage.restart(), { state: { title: "", views: 0 } })).state).toEqual({
    title: "Autumn",
    views: 1,
  });
});
