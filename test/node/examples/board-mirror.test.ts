import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toRaw } from "@dormouse/reactive";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encode } from "../../../examples/board/shared/codec.ts";
import { firstBoard } from "../../../examples/board/shared/model.ts";
import { Mirror } from "../../../examples/board/page/mirror.ts";
import { RUNS } from "../../support/runs.ts";
import { type LocalWorker, startLocalWorker } from "../support/local-worker.ts";
import { BoardTab } from "./board-tab.ts";

let dataDir: string;
let worker: LocalWorker;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "dormouse-mirror-"));
  worker = await startLocalWorker("board", dataDir);
}, 60_000);

afterAll(async () => {
  await worker?.kill();
  await rm(dataDir, { recursive: true, force: true });
});

const card = fc.constantFrom("nest", "map", "spare", "nuts", "blackberries", "nobody's");
const column = fc.constantFrom("todo", "doing", "done", "nowhere");
const word = fc.constantFrom("food", "$map", "__proto__", "<b>", "7");
const event = fc.oneof(
  fc.tuple(fc.constant("addCard"), fc.record({ column, title: word })),
  fc.tuple(fc.constant("moveCard"), fc.record({ card, column, index: fc.nat(4) })),
  fc.tuple(
    fc.constant("stepCard"),
    fc.record({ card, step: fc.constantFrom("up", "down", "left", "right") }),
  ),
  fc.tuple(fc.constant("removeCard"), fc.record({ card })),
  fc.tuple(fc.constant("setNotes"), fc.record({ card, notes: word })),
  fc.tuple(fc.constant("setDue"), fc.record({ card, day: fc.constantFrom("", "2030-02-01") })),
  fc.tuple(fc.constant("tag"), fc.record({ card, tag: word, on: fc.boolean() })),
  fc.tuple(
    fc.constant("setMember"),
    fc.record({ card, name: word, role: fc.constantFrom("leads", "helps", "") }),
  ),
  fc.tuple(fc.constant("addItem"), fc.record({ card, text: word })),
  fc.tuple(fc.constant("checkItem"), fc.record({ card, item: fc.constant("nuts-0"), done: fc.boolean() })),
  fc.tuple(fc.constant("removeItem"), fc.record({ card, item: fc.constant("nest-1") })),
  fc.tuple(fc.constant("applaud"), fc.constant({})),
);

let boards = 0;

/** Two tabs say these things, each in its turn and neither waiting for the other; `createMirror` makes what the second follows with. */
const staysInStep = (createMirror: () => Mirror) =>
  fc.asyncProperty(fc.array(fc.tuple(fc.nat(1), event), { maxLength: 60 }), async (events) => {
    const board = `mirror-${boards++}`;
    const tabs = [
      await BoardTab.open(worker.url, board),
      await BoardTab.open(worker.url, board, createMirror()),
    ];

    for (const [who, [name, data]] of events) tabs[who]?.emit(name, data);
    for (const tab of tabs) tab.emit("say", { text: "that was all" });
    await Promise.all(tabs.map((tab) => tab.until(() => tab.state.chat.length === 2)));
    const fresh = await BoardTab.open(worker.url, board);
    await fetch(`${worker.url}/crash?board=${board}`, { method: "POST" });
    const restored = await BoardTab.open(worker.url, board);

    // One that missed everything in between.
    const late = new Mirror();
    for (const state of [firstBoard(), toRaw(fresh.state)]) late.replace(encode(state), 0);

    for (const { state } of [...tabs, restored]) expect(toRaw(state)).toEqual(toRaw(fresh.state));
    expect(toRaw(late.state.peek())).toEqual(toRaw(fresh.state));
    restored.close();
  });

/** Follows everything but what is assigned. */
class ForgetfulMirror extends Mirror {
  override apply(encoded: unknown, number: number): boolean {
    return super.apply(
      (encoded as { op: string }[]).filter(({ op }) => op !== "set"),
      number,
    );
  }
}

/** Isn't told of the first change, as nobody is of one that couldn't be stored. */
class UntoldMirror extends Mirror {
  #isTold = false;

  override apply(encoded: unknown, number: number): boolean {
    if (this.#isTold) return super.apply(encoded, number);
    this.#isTold = true;
    return true;
  }
}

/** The same, and takes the next change for the first. */
class TrustingMirror extends Mirror {
  #missed: number | undefined = undefined;

  override apply(encoded: unknown, number: number): boolean {
    this.#missed ??= number;
    return number === this.#missed || super.apply(encoded, number - 1);
  }
}

describe("every tab has, by patches alone, the board that a new tab is given, before a crash and after", () => {
  const timeout = 60 * RUNS;

  it("whatever two tabs do", { timeout }, async () => {
    await fc.assert(
      staysInStep(() => new Mirror()),
      { numRuns: RUNS / 50 },
    );
  });

  it("and whatever was not told: who misses a change asks for everything", { timeout }, async () => {
    await fc.assert(
      staysInStep(() => new UntoldMirror()),
      { numRuns: RUNS / 50 },
    );
  });

  it.each([ForgetfulMirror, TrustingMirror])(
    "and the double $name would be caught",
    { timeout },
    async (Broken) => {
      const law = fc.assert(
        staysInStep(() => new Broken()),
        { numRuns: RUNS / 50, endOnFailure: true },
      );

      await expect(law).rejects.toThrow("Property failed");
    },
  );
});
