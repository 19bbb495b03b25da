// Frames leave in the order of sending, whatever each of them waits for; one that is given up holds up no other.
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { PersistError } from "../../../packages/do-runtime/src/errors.ts";
import { Failures, type Gate, Hearer } from "../../../packages/do-runtime/src/failures.ts";
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

/** A commit as the gate tells of it: when it is over. Whether it failed is noted just before. */
class Commit {
  isOver = false;
  readonly fails: boolean;
  readonly over: Promise<void>;

  constructor(length: number, fails: boolean, failures: Failures) {
    this.fails = fails;
    this.over = this.#run(length, failures);
  }

  async #run(length: number, failures: Failures): Promise<void> {
    await microtasks(length);
    this.isOver = true;
    if (this.fails) failures.note(new PersistError("STORAGE_FAILED", { message: "not stored" }));
  }
}

interface Sent {
  readonly frame: string;
  /** The commit it waits for, if that isn't over. */
  readonly commit: Commit | undefined;
  /** How many failures there were when it was sent. */
  readonly known: number;
  /** Whether it left, and how many failures there were when that was decided. */
  readonly outcome: Promise<{ readonly left: boolean; readonly failures: number }>;
}

type NewOutbox = (gate: Gate, onFailure: (reason: unknown) => void) => Outbox;

/** Sends the program's frames, each by a handler of its own; answers what became of each, and what arrived. */
async function run(
  { frames, commits }: typeof programs extends fc.Arbitrary<infer T> ? T : never,
  newOutbox: NewOutbox,
): Promise<{ arrived: string[]; early: string[]; sent: Sent[]; reported: unknown[] }> {
  const arrived: string[] = [];
  const reported: unknown[] = [];
  const failures = new Failures();
  const sent: Sent[] = [];
  const early: string[] = [];
  const send = (frame: string) => {
    arrived.push(frame);
    if (sent[Number(frame)]?.commit?.isOver === false) early.push(frame);
  };
  const socket = { readyState: 1, send } as unknown as WebSocket;
  let safe: Promise<void> | undefined;
  let last: Commit | undefined;
  const outbox = newOutbox(
    () => safe,
    (reason) => reported.push(reason),
  );
  const left = [...commits];
  for (const [number, { wait, pause }] of frames.entries()) {
    if (wait === "a new one" || (wait === "the same" && last === undefined)) {
      const [length, fails] = left.shift() ?? [0, false];
      last = new Commit(length, fails, failures);
    }
    const commit = wait === "nothing" || last?.isOver === true ? undefined : last;
    safe = commit?.over;
    const known = failures.count;
    const outcome = outbox.send(socket, `${number}`, new Hearer(failures)).then(
      (left) => ({ left, failures: failures.count }),
      () => ({ left: false, failures: failures.count }),
    );
    sent.push({ frame: `${number}`, commit, known, outcome });
    await microtasks(pause);
  }
  await Promise.all(sent.map(({ outcome }) => outcome));
  return { arrived, early, sent, reported };
}

const property = (newOutbox: NewOutbox) =>
  fc.asyncProperty(programs, async (program) => {
    const { arrived, early, sent, reported } = await run(program, newOutbox);
    const kept: string[] = [];
    for (const { frame, commit, known, outcome } of sent) {
      const { left, failures } = await outcome;
      if (left) kept.push(frame);
      if (commit?.fails === true) expect(left, `frame ${frame}, whose commit failed`).toBe(false);
      if (!left) expect(failures, `frame ${frame} was given up for nothing`).toBeGreaterThan(known);
    }
    expect(arrived).toEqual(kept);
    expect(early).toEqual([]);
    expect(reported).toHaveLength(sent.length - kept.length);
  });

it("[P7] frames leave in the order of sending, and none whose change was not stored", async () => {
  await fc.assert(
    property((gate, onFailure) => new Outbox(gate, onFailure, () => false)),
    { numRuns: RUNS },
  );
});

it("finds an outbox that lets a frame overtake another", async () => {
  class Overtaking extends Outbox {
    readonly #gate: Gate;
    constructor(gate: Gate, onFailure: (reason: unknown) => void) {
      super(gate, onFailure, () => false);
      this.#gate = gate;
    }
    override send(ws: WebSocket, frame: string, hearer: Hearer): Promise<boolean> {
      if (this.#gate() !== undefined) return super.send(ws, frame, hearer);
      ws.send(frame);
      return Promise.resolve(true);
    }
  }
  const found = await fc.check(
    property((gate, onFailure) => new Overtaking(gate, onFailure)),
    { numRuns: RUNS },
  );
  expect(found.failed).toBe(true);
});

it("finds an outbox that sends what was not stored", async () => {
  class Careless extends Outbox {
    override send(ws: WebSocket, frame: string): Promise<boolean> {
      return super.send(ws, frame, new Hearer(new Failures()));
    }
  }
  const found = await fc.check(
    property((gate, onFailure) => new Careless(gate, onFailure, () => false)),
    { numRuns: RUNS },
  );
  expect(found.failed).toBe(true);
});

it("[P7] a frame that has nothing to wait for leaves at once, also when others have waited before", async () => {
  const sent: string[] = [];
  const socket = { readyState: 1, send: (frame: string) => void sent.push(frame) } as unknown as WebSocket;
  const hearer = new Hearer(new Failures());
  let safe: Promise<void> | undefined = microtasks(2);
  const outbox = new Outbox(
    () => safe,
    () => {},
    () => false,
  );
  await outbox.send(socket, "waits", hearer);
  safe = undefined;

  void outbox.send(socket, "leaves", hearer);

  expect(sent).toEqual(["waits", "leaves"]);
});

it.each([
  [1, true],
  [2, false],
])(
  "[P23] inside a transaction the answer doesn't wait for its end: readyState %i, %s",
  async (readyState, isOpen) => {
    const socket = { readyState, send() {} } as unknown as WebSocket;
    const outbox = new Outbox(
      () => new Promise(() => {}),
      () => {},
      () => true,
    );

    expect(await outbox.send(socket, "x", new Hearer(new Failures()))).toBe(isOpen);
  },
);
