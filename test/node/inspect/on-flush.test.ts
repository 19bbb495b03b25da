import { type Flush, persisted } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";

const firstState = () => ({ board: { cards: [{ done: false }] }, note: "", count: 0 });

/** A store and what `onFlush` heard, its values copied while they are what was written. */
async function open(layout: "keys" | "log") {
  const storage = memoryStorage();
  const heard: {
    keys: string[];
    patches: unknown;
    rows: string[];
    bytes: number;
    stored: Promise<boolean>;
  }[] = [];
  const store = await persisted(storage, {
    state: firstState(),
    persistedKeys: ["board", "note"],
    persistOptions: { shallow: false, throwOnError: false },
    onPersistError: () => {},
    layout,
    onFlush: ({ changes, puts, deletes, bytes, stored }: Flush) => {
      heard.push({
        keys: [...changes.keys()],
        patches: structuredClone([...changes.values()].map(({ patches }) => patches)),
        rows: [...puts.keys(), ...deletes],
        // Values and keys, as the storage counts them.
        bytes: [...puts.keys()].reduce((sum, row) => sum + row.length, bytes()),
        stored,
      });
    },
  });
  return { storage, store, heard };
}

describe.each(["keys", "log"] as const)("onFlush, layout %s", (layout) => {
  it("[I6] hears of each write once: its keys, what changed, its rows", async () => {
    const { storage, store, heard } = await open(layout);
    store.state.note = "first";
    await store.flush();
    storage.counts.rowsWritten = 0;
    storage.counts.bytesWritten = 0;
    store.state.board.cards[0] = { done: true };
    store.state.count++;
    await store.flush();

    expect(heard.map(({ keys }) => keys)).toEqual([["note"], ["board"]]);
    expect(heard[1]?.patches).toEqual([[{ op: "set", path: ["cards", 0], value: { done: true } }]]);
    expect(heard[1]?.rows).toHaveLength(storage.counts.rowsWritten);
    expect(heard[1]?.bytes).toBe(storage.counts.bytesWritten);
    expect(await Promise.all(heard.map(({ stored }) => stored))).toEqual([true, true]);
  });

  it("[I6] hears that a write failed, and which keys are dirty then", async () => {
    const { storage, store, heard } = await open(layout);
    storage.failWhen(({ method }) => method === "put");
    store.state.note = "lost";
    await store.flush();
    const dirty = store.dirtyKeys;
    storage.failWhen(() => false);
    await store.flush();

    expect(dirty).toEqual(["note"]);
    expect(store.dirtyKeys).toEqual([]);
    expect(await Promise.all(heard.map(({ stored }) => stored))).toEqual([false, true]);
  });
});
