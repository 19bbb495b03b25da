// What nobody follows makes no signals, which are most of what a tracked property takes.
import { effect, reactive } from "@dormouse/reactive";
import { beforeEach, expect, it, vi } from "vitest";

const made = vi.hoisted(() => ({ signals: 0 }));

vi.mock("@preact/signals-core", async (load) => {
  const core = await load<typeof import("@preact/signals-core")>();
  return {
    ...core,
    Signal: new Proxy(core.Signal, {
      construct(target, given, derived) {
        made.signals++;
        return Reflect.construct(target, given, derived) as object;
      },
    }),
    signal: (value: unknown) => {
      made.signals++;
      return core.signal(value);
    },
  };
});

const newState = () =>
  reactive({
    card: { title: "Eat", done: false },
    list: [{ n: 1 }, { n: 2 }],
    map: new Map([["key", { n: 1 }]]),
    set: new Set([1]),
    when: new Date(0),
    frozen: Object.freeze({ n: 1 }),
  });

const read = (state: ReturnType<typeof newState>) => [
  ...Object.values(state.card),
  "title" in state.card,
  state.list.length,
  ...state.list.map(({ n }) => n),
  state.list[1]?.n,
  state.map.get("key")?.n,
  ...state.map.keys(),
  state.set.has(1),
  ...state.set,
  state.when.getTime(),
  state.frozen.n,
];

beforeEach(() => {
  made.signals = 0;
});

it("[R27] what is read outside of consumers makes no signals", () => {
  const state = newState();

  for (let times = 0; times < 20; times++) read(state);

  expect(made.signals).toBe(0);
});

it("[R27] nor does what is read after a consumer ended", () => {
  const state = newState();
  effect(() => void state.card)();
  const before = made.signals;

  read(state);

  expect([before, made.signals]).toEqual([1, 1]);
});

it("[R27] what a consumer reads again makes none anew", () => {
  const state = newState();
  effect(() => void read(state));
  const once = made.signals;

  effect(() => void read(state));

  expect(once).toBeGreaterThan(10);
  expect(made.signals).toBe(once);
});
