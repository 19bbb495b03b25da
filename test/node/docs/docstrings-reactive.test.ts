// The examples of the engine's docstrings, run. Each region is named after what its docstring is about.
import { applyPatches, effect, reactive, touch, trackDirty, transaction, watch } from "@dormouse/reactive";
import { expect, it, vi } from "vitest";

it("reactive", () => {
  const console = { log: vi.fn<(done: boolean) => void>() };
  // #region reactive
  const state = reactive({ card: { done: false } });
  effect(() => console.log(state.card.done)); // logs false
  state.card.done = true; // logs true
  // #endregion
  expect(console.log.mock.calls).toEqual([[false], [true]]);
});

it("touch", () => {
  const state = reactive({ pixels: new Uint8Array(1) });
  const seen: unknown[] = [];
  effect(() => {
    seen.push(state.pixels[0]);
  });
  // #region touch
  state.pixels[0] = 255;
  touch(state, "pixels");
  // #endregion
  expect(seen).toEqual([0, 255]);
});

it("watch", () => {
  const state = reactive({ count: 0 });
  const socket = { send: vi.fn<(text: string) => void>() };
  // #region watch
  const stop = watch(state, (patches) => socket.send(JSON.stringify(patches)));
  // #endregion
  state.count = 1;
  stop();
  state.count = 2;
  expect(socket.send.mock.calls).toEqual([['[{"op":"set","path":["count"],"value":1}]']]);
});

it("transaction", () => {
  const [from, to] = [reactive({ balance: 20 }), reactive({ balance: 0 })];
  const amount = 30;
  const transfer = () => {
    // #region transaction
    transaction(() => {
      from.balance -= amount;
      to.balance += amount;
      if (from.balance < 0) throw new Error("not enough");
    });
    // #endregion
  };
  expect(transfer).toThrow("not enough");
  expect([from.balance, to.balance]).toEqual([20, 0]);
});

it("trackDirty", () => {
  const state = reactive({ a: 1, b: 2 });
  const stored: PropertyKey[][] = [];
  const tasks: (() => void)[] = [];
  const schedule = (task: () => void) => tasks.push(task);
  const store = (taken: ReadonlyMap<PropertyKey, unknown>) => stored.push([...taken.keys()]);
  // #region trackDirty
  const tracker = trackDirty(state);
  effect(() => {
    if (tracker.version.value > 0) schedule(() => store(tracker.take()));
  });
  // #endregion
  state.b = 3;
  for (const task of tasks) task();
  expect(stored).toEqual([["b"]]);
});

it("applyPatches", () => {
  const patched =
    // #region applyPatches
    applyPatches({ list: [1, 2] }, [{ op: "splice", path: ["list"], index: 0, remove: 1, insert: [] }]); // { list: [2] }
  // #endregion
  expect(patched).toEqual({ list: [2] });
});
