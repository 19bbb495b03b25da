import { persisted, type PersistedOptions, type PersistedStore } from "@dormouse/do-runtime";
import { memoryStorage, type MemoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";
import { inspect } from "../../../packages/do-runtime/src/values/encode.ts";

interface Card {
  id: number;
  title: string;
  done: boolean;
  votes: number;
}

interface Board {
  board: { cards: Card[] };
}

const CARD_BYTES = 100;
const boardOf = (bytes: number): Board => ({
  board: {
    cards: Array.from({ length: Math.ceil(bytes / CARD_BYTES) }, (_, id) => ({
      id,
      title: `${id} ${"a title of some length, as they are ".repeat(2)}`.slice(0, 66),
      done: false,
      votes: 0,
    })),
  },
});

interface Opened {
  readonly storage: MemoryStorage;
  readonly store: PersistedStore<Board>;
}

/** A store whose whole state is in storage already. */
async function open(bytes: number, options: Partial<PersistedOptions<Board>>): Promise<Opened> {
  const storage = memoryStorage();
  const all = { state: () => boardOf(bytes), persistOptions: { shallow: false }, ...options };
  const first = await persisted(storage, all);
  first.state.board = boardOf(bytes).board;
  await first.flush();
  const restarted = storage.restart();
  return { storage: restarted, store: await persisted(restarted, all) };
}

/** 100 nested writes, one flush each; answers the bytes of what changed: for each write its path and its value. */
async function write100({ store }: Opened, from = 0): Promise<number> {
  let changed = 0;
  const { cards } = store.state.board;
  for (let write = from; write < from + 100; write++) {
    const index = (write * 7919) % cards.length;
    const card = cards[index];
    if (card === undefined) continue;
    card.votes = write + 1;
    changed += inspect([["board", "cards", index, "votes"], write + 1], []).bytes;
    await store.flush();
  }
  return changed;
}

/** The time that a change and the submission of its write take. */
async function medianMs(bytes: number): Promise<number> {
  const { store } = await open(bytes, { layout: "log" });
  const times: number[] = [];
  for (let write = 0; write < 200; write++) {
    const card = store.state.board.cards[write % 10];
    const start = performance.now();
    if (card !== undefined) card.votes++;
    store.beforeSend();
    times.push(performance.now() - start);
    await store.flush();
  }
  return times.toSorted((a, b) => a - b)[100] ?? 0;
}

describe("the log", () => {
  it.each([
    ["1 KB", 1_000],
    ["3 KB", 3_000],
    ["5 KB", 5_000],
    ["10 KB", 10_000],
    ["100 KB", 100_000],
    ["1 MB", 1_000_000],
    ["10 MB", 10_000_000],
  ])(
    "[P26] writes at most 3 times the bytes that changed, checkpoints included, in a root of %s",
    async (_, bytes) => {
      const opened = await open(bytes, { layout: "log" });
      const changed = await write100(opened);

      expect(opened.storage.counts.bytesWritten / changed).toBeLessThan(3);
      expect(opened.storage.counts.puts).toBe(100);
      expect(opened.store.stats.rows).toBeLessThanOrEqual(110);
    },
    60_000,
  );

  it("[P26] stays at that over 20,000 flushes, and a wake reads no more than a few times the state", async () => {
    const opened = await open(10_000, { layout: "log" });
    let changed = 0;
    for (let round = 0; round < 200; round++) changed += await write100(opened, round * 100);

    expect(opened.storage.counts.bytesWritten / changed).toBeLessThan(3);
    const stored = [...opened.storage.rows().values()].reduce(
      (sum: number, row) => sum + inspect(row, []).bytes,
      0,
    );
    expect(stored).toBeLessThan(100_000);
  }, 60_000);

  it("[P26] stays small in the object, too, whose first flush was too large to be a record", async () => {
    const storage = memoryStorage();
    const options = {
      state: () => boardOf(10_000),
      layout: "log",
      persistOptions: { shallow: false },
    } as const;
    const store = await persisted(storage, options);
    store.state.board = boardOf(10_000).board;
    await store.flush();
    for (let round = 0; round < 60; round++) await write100({ storage, store }, round * 100);

    const stored = [...storage.rows().values()].map((row) => inspect(row, []).bytes);
    expect(stored.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(100_000);
  });

  it("[P27] takes 100 times fewer bytes than writing the whole key as JSON at each write, in a root of 100 KB", async () => {
    const opened = await open(100_000, { layout: "log" });
    await write100(opened);
    const perWrite = 100 * JSON.stringify(boardOf(100_000).board).length;

    expect(perWrite / opened.storage.counts.bytesWritten).toBeGreaterThan(100);
  });

  it("[P28] takes a time a flush that does not grow with the root", async () => {
    const [small, large] = [await medianMs(1_000), await medianMs(4_000_000)];

    // 4,000 times the size: what grew with it would take far longer than ten times as long.
    expect(large).toBeLessThan(small * 10);
  }, 60_000);

  it.each([300_000, 1_000_000])(
    "[P29] keeps a change of %i bytes, larger than a row, in pieces",
    async (bytes) => {
      const storage = memoryStorage({ backend: "kv" });
      const options = {
        state: { texts: [] as string[] },
        layout: "log",
        persistOptions: { shallow: false },
      } as const;
      const store = await persisted(storage, options);
      store.state.texts.push("first");
      await store.flush();
      store.state.texts.push("x".repeat(bytes));
      await store.flush();
      store.state.texts.push("last");
      await store.flush();
      const again = await persisted(storage.restart(), options);

      expect(again.state.texts.map(({ length }) => length)).toEqual([5, bytes, 4]);
    },
  );

  it("[P29] stores values over the limit in parts, and forgets the parts when they are not needed", async () => {
    const opened = await open(5_000_000, { layout: "log" });
    const { cards } = opened.store.state.board;
    expect(cards).toHaveLength(50_000);
    const keys = await persisted(opened.storage, { state: boardOf(0), persistOptions: { shallow: false } });
    expect(keys.state.board.cards).toHaveLength(50_000);
    expect(
      Math.max(...[...opened.storage.rows().values()].map((row) => inspect(row, []).bytes)),
    ).toBeLessThan(2_000_000);
    keys.state.board.cards.length = 10;
    await keys.flush();
    const again = await persisted(opened.storage.restart(), { state: boardOf(0) });

    expect(again.state.board.cards).toHaveLength(10);
    expect([...opened.storage.rows().keys()].filter((row) => row.includes("part"))).toEqual([]);
  }, 60_000);
});
