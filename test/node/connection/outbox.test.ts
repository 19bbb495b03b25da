// Frames leave in the order of sending, whatever each of them waits for; one that is given up holds up no other.
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Outbox } from "../../../packages/do-runtime/src/outbox.ts";
import { RUNS } from "../../support/runs.ts";

/** What a frame waits for: nothing, the commit before it, or one of its own. */
type Wait = "nothing" | "the same" | "a new one";

const programs = fc.record({
  frames: fc.array(
    fc.record({
      wait: fc.constantFrom<Wait>("nothing", "the same", "a new one"),
      /** Microtasks until the next frame. */
      pause: fc.nat({ max: 4 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  /** For each commit, how many microtasks it takes, and whether it fails. */
  commits: fc.array(fc.tuple(fc.nat({ max: 12 }), fc.boolean()), { minLength: 12, maxLength: 12 }),
});

async function microtasks(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await Promise.resolve();
}

/** A commit as the gate tells of it. */
async function commit(length: number, fails: boolean): Promise<void> {
  await microtasks(length);
  if (fails) throw new Error("not stored");
}

interface Sent {
  readonly frame: string;
  readonly safe: Promise<void> | undefined;
  readonly answer: Promise<boolean>;
}

/** Sends the program's frames; answers what became of each, and what arrived. */
async function run(
  { frames, commits }: typeof programs extends fc.Arbitrary<infer T> ? T : never,
  newOutbox: (gate: () => Promise<void> | undefined, onFailure: (reason: unknown) => void) => Outbox,
): Promise<{ arrived: string[]; sent: Sent[]; failures: unknown[] }> {
  const arrived: string[] = [];
  const failures: unknown[] = [];
  const socket = { readyState: 1, send: (frame: string) => arrived.push(frame) } as unknown as WebSocket;
  let safe: Promise<void> | undefined;
  let last: Promise<void> | undefined;
  const outbox = newOutbox(
    () => safe,
    (reason) => failures.push(reason),
  );
  const left = [...commits];
  const sent: Sent[] = [];
  for (const [number, { wait, pause }] of frames.entries()) {
    if (wait === "a new one" || (wait === "the same" && last === undefined)) {
      const [length, fails] = left.shift() ?? [0, false];
      last = commit(length, fails);
    }
    safe = wait === "nothing" ? undefined : last;
    const answer = Promise.resolve(outbox.send(socket, `${number}`));
    answer.catch(() => {});
    sent.push({ frame: `${number}`, safe, answer });
    await microtasks(pause);
  }
  await Promise.allSettled(sent.map(({ answer }) => answer));
  return { arrived, sent, failures };
}

const property = (newOutbox: Parameters<typeof run>[1]) =>
  fc.asyncProperty(programs, async (program) => {
    const { arrived, sent, failures } = await run(program, newOutbox);
    const kept: string[] = [];
    let givenUp = 0;
    for (const { frame, safe, answer } of sent) {
      const isStored = await Promise.resolve(safe).then(
        () => true,
        () => false,
      );
      if (isStored) kept.push(frame);
      else givenUp++;
      expect(await answer.catch(() => "given up")).toBe(isStored ? true : "given up");
    }
    expect(arrived).toEqual(kept);
    expect(failures).toHaveLength(givenUp);
  });

it("[P7] frames leave in the order of sending, and none whose change was not stored", async () => {
  await fc.assert(
    property((gate, onFailure) => new Outbox(gate, onFailure, () => false)),
    { numRuns: RUNS },
  );
});

it("finds an outbox that lets a frame overtake another", async () => {
  class Overtaking extends Outbox {
    readonly #gate: () => Promise<void> | undefined;
    constructor(gate: () => Promise<void> | undefined, onFailure: (reason: unknown) => void) {
      super(gate, onFailure, () => false);
      this.#gate = gate;
    }
    override send(ws: WebSocket, frame: string): boolean | Promise<boolean> {
      if (this.#gate() !== undefined) return super.send(ws, frame);
      ws.send(frame);
      return true;
    }
  }
  const found = await fc.check(
    property((gate, onFailure) => new Overtaking(gate, onFailure)),
    { numRuns: RUNS },
  );
  expect(found.failed).toBe(true);
});

it("[P7] a frame that has nothing to wait for leaves at once, also when others have waited before", async () => {
  const sent: string[] = [];
  const socket = { readyState: 1, send: (frame: string) => void sent.push(frame) } as unknown as WebSocket;
  let safe: Promise<void> | undefined = commit(2, false);
  const outbox = new Outbox(
    () => safe,
    () => {},
    () => false,
  );
  await outbox.send(socket, "waits");
  safe = undefined;

  const answer = outbox.send(socket, "leaves");

  expect(answer).toBe(true);
  expect(sent).toEqual(["waits", "leaves"]);
});

it.each([
  [1, true],
  [2, false],
])("[P23] inside a transaction the answer comes at once: readyState %i, %s", async (readyState, isOpen) => {
  const socket = { readyState, send() {} } as unknown as WebSocket;
  const outbox = new Outbox(
    () => new Promise(() => {}),
    () => {},
    () => true,
  );

  expect(outbox.send(socket, "x")).toBe(isOpen);
});
