import { env } from "cloudflare:test";
import { persisted } from "@dormouse/do-runtime";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Board, changes, newBoard, programs, type Turn } from "../../support/boards.ts";
import {
  backends,
  expectSame,
  nextTurn,
  optionsFor,
  type Setting,
  settings,
  snapshot,
} from "../../support/persist-laws.ts";
import { newObject, type TestObject } from "./objects.ts";

// The laws of test/node/persistence/laws.test.ts in real objects, which are really evicted; fewer runs, since each takes milliseconds.
const RUNS = 60;

/** Plays turns in one life of the object; answers what its memory held in the end. */
function live(object: TestObject, setting: Setting, turns: readonly Turn[], expected: Board): Promise<Board> {
  return object.run(async (storage) => {
    const store = await persisted(storage, optionsFor(setting));
    expectSame(store.state, expected, "after an eviction");
    for (const { changes, sends, end } of turns) {
      for (const { apply } of changes) apply(store.state);
      if (sends) await store.beforeSend();
      if (end === "next") await nextTurn();
      else await store.flush();
    }
    // Group commit keeps what it has promised, not what nobody waited for.
    if (setting.commit === "group") await store.beforeSend();
    return snapshot(store.state);
  });
}

describe("the laws in workerd", () => {
  it("[P30] 1, 4, 5: whatever was acknowledged in one life, the next finds it, whole", async () => {
    await fc.assert(
      fc.asyncProperty(
        settings,
        backends,
        fc.array(programs, { minLength: 1, maxLength: 3 }),
        async (setting, backend, lives) => {
          const object = newObject(backend);
          let expected = newBoard();
          for (const turns of lives) {
            expected = await live(object, setting, turns, expected);
            await object.evict();
          }
          await live(object, setting, [], expected);
        },
      ),
      { numRuns: RUNS },
    );
  }, 60_000);

  it("[P31] 2: a turn writes each row once, by SQLite's own count", async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.array(changes, { minLength: 1, maxLength: 8 }), async (setting, turn) => {
        await newObject().run(async (storage) => {
          const store = await persisted(storage, optionsFor(setting));
          const count = (): number => storage.sql.exec<{ n: number }>("select total_changes() as n").one().n;
          // The table itself is made by the first write.
          store.state.step = -1;
          await store.flush();
          const before = count();
          const { rows } = store.stats;
          for (const { apply } of turn) apply(store.state);
          await nextTurn();
          await nextTurn();

          expect(count() - before).toBeLessThanOrEqual(store.stats.rows - rows);
          if (setting.layout === "log") expect(store.stats.rows - rows).toBeLessThanOrEqual(1);
        });
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it("[P36] 7: two objects of one isolate share nothing", async () => {
    await fc.assert(
      fc.asyncProperty(settings, programs, async (setting, turns) => {
        const [one, other] = [newObject(), newObject()];
        const changed = await live(one, setting, turns, newBoard());
        await live(other, setting, [], newBoard());
        await live(one, setting, [], changed);
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it("[P37] 8: the log is replayed through folds and checkpoints", async () => {
    const flushes = fc.array(fc.array(changes, { minLength: 1, maxLength: 2 }), {
      minLength: 30,
      maxLength: 90,
    });
    await fc.assert(
      fc.asyncProperty(flushes, backends, async (program, backend) => {
        const object = newObject(backend);
        const turns = program.map((turn): Turn => ({ changes: turn, sends: false, end: "flush" }));
        const setting: Setting = { layout: "log", commit: "turn" };
        const half = await live(object, setting, turns.slice(0, 40), newBoard());
        await object.evict();
        const whole = await live(object, setting, turns.slice(40), half);
        await object.evict();
        await live(object, { layout: "keys", commit: "turn" }, [], whole);
        await object.evict();
        await live(object, setting, [], whole);
      }),
      { numRuns: RUNS / 4 },
    );
  }, 60_000);
});

/** What a client receives of a raw send between a change and a commit that fails. */
async function receivedThoughLost(commit: string, layout: string): Promise<unknown[]> {
  const stub = env.FAILING_COMMIT.getByName(`${commit} ${layout}`);
  const url = `http://object/?commit=${commit}&layout=${layout}`;
  const { webSocket } = await stub.fetch(url, { headers: { Upgrade: "websocket" } });
  const received: unknown[] = [];
  const closed = new Promise((resolve) => {
    for (const end of ["close", "error"] as const) webSocket?.addEventListener(end, resolve);
  });
  webSocket?.addEventListener("message", ({ data }) => received.push(data));
  webSocket?.accept();
  webSocket?.send("go");
  await closed;
  return received;
}

describe("the output gate", () => {
  it.each(["keys", "log"] as const)(
    "[P34] holds even a raw send that follows a change, so that a reply is lost with the commit, layout %s",
    async (layout) => {
      expect(await receivedThoughLost("turn", layout)).toEqual([]);
    },
  );

  it("is not held by a change under group commit, where a raw send would not wait", async () => {
    expect(await receivedThoughLost("group", "keys")).toEqual(["ack"]);
  });
});
