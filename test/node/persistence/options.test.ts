import { persisted } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it, vi } from "vitest";
import { rejection } from "../../support/rejection.ts";

class Made {
  value = 1;
}

const wrongOptions = [
  [{ commit: "grup" }, 'commit is "grup"; give "turn" or "group"'],
  [{ layout: "logs" }, 'layout is "logs"; give "keys" or "log"'],
  // Joined they would be "turn" and "keys".
  [{ commit: "tu", layout: "rnkeys" }, 'commit is "tu"; give'],
  [{ commit: ["turn"] }, "commit is an array; give"],
  [{ layout: ["log"] }, "layout is an array; give"],
  [{ persistOptions: { shallow: "false" } }, 'shallow is "false"; give true or false'],
  [{ persistOptions: { shallow: null } }, "shallow is null; give true or false"],
  [{ persistOptions: { throwOnError: 0 } }, "throwOnError is 0; give true or false"],
  [
    { persistOptions: { shalow: false } },
    'there is no option "persistOptions.shalow"; give any of shallow, throwOnError',
  ],
  [{ persistOptions: "deep" }, 'persistOptions is "deep"; give an object, as { shallow: false }'],
  [{ persistOptions: null }, "persistOptions is null; give an object"],
  [{ migrate: {} }, "migrate is an object; give a function"],
  [{ onPersistError: "log" }, 'onPersistError is "log"; give a function'],
  [{ onFlush: true }, "onFlush is true; give a function"],
  [{ schedule: 0 }, "schedule is 0; give a function"],
  [
    { persistKeys: ["a"] },
    'there is no option "persistKeys"; give any of state, persistedKeys, persistOptions, onPersistError, layout, commit, schedule, version, migrate, onFlush',
  ],
  [{ shallow: false }, "shallow stands beside persistOptions; write `persistOptions: { shallow: false }`"],
  [{ version: "2" }, 'version is "2"; give a finite number'],
  [{ version: Number.NaN }, "version is NaN; give"],
  [{ persistedKeys: ["__proto__"] }, "persistedKeys has __proto__ in it"],
  [{ persistedKeys: [1] }, "persistedKeys has 1 in it"],
  [{ persistedKeys: [undefined] }, "persistedKeys has undefined in it"],
  [{ persistedKeys: ["a", "\ud800"] }, "name the keys of the state as well-formed strings"],
  [{ state: JSON.parse('{"__proto__": 1}') as object }, "the state has __proto__ in it"],
  [{ state: { "\ud800": 1 } }, "name the keys of the state as well-formed strings"],
  [{ persistedKeys: "title" }, 'persistedKeys is "title"; give an array'],
  [
    { state: { box: { run: () => 1 } }, persistedKeys: [] },
    "the initial state's \"box.run\" can't be cloned, and objects must not share it; give `state` as a function",
  ],
  [{ state: { made: new Made() }, persistedKeys: [] }, "the initial state's \"made\" can't be cloned"],
  [{ state: new Made() }, "the initial state is an instance of Made; storage keeps plain objects"],
  [{ state: undefined }, "the initial state is undefined; give an object"],
  [{ state: null }, "the initial state is null; give"],
  [{ state: [1] }, "the initial state is an array; give"],
  [{ state: async () => ({}) }, "the initial state is an instance of Promise; give"],
  [{ state: () => new Map() }, "the initial state is an instance of Map; give"],
] as const;

it.each(wrongOptions)("[L10] refuses %j before anything is read", async (wrong, message) => {
  const storage = memoryStorage();
  const options = { state: { a: 1 }, ...wrong } as unknown as { state: { a: number } };

  const error = await rejection(persisted(storage, options));

  expect(error).toMatchObject({ code: "INVALID_OPTION", message: expect.stringContaining(message) });
  expect(storage.counts).toMatchObject({ reads: 0, puts: 0 });
});

it.each([
  [{ list: [new Made()] }, '"list[0]" is an instance of Made; storage keeps plain objects'],
  [{ run: () => 1 }, "\"run\" is a function (run), which storage can't keep; keep it under a key that isn't"],
  [
    {
      get now() {
        return 1;
      },
    },
    '"now" is an accessor',
  ],
])("[P10] refuses in the initial state what storage would change: %j", async (state, message) => {
  const storage = memoryStorage();

  const error = await rejection(persisted<object>(storage, { state }));

  expect(error).toMatchObject({ code: "VALUE_NOT_STORABLE", message: expect.stringContaining(message) });
  expect(storage.counts).toMatchObject({ reads: 0, puts: 0 });
});

it("[L10] warns of a persisted key that neither the initial state nor storage has", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  const storage = memoryStorage();
  const state: { messages: number[]; mesages?: number[] } = { messages: [] };
  const options = { state, persistedKeys: ["messages", "mesages"] as const };

  const store = await persisted(storage, options);
  store.state.mesages = [1];
  await store.flush();
  const again = await persisted(storage.restart(), options);
  delete again.state.mesages;
  await again.flush();
  await persisted(storage.restart(), options);

  // Once it has been set, it was meant.
  expect(warned.mock.calls).toEqual([
    [
      '[persist] persistedKeys names "mesages", which the initial state has not; correct the name, or give the key there, as undefined where it has no value yet',
    ],
  ]);
  warned.mockRestore();
});

it("[L10] warns of it once, not at every wake of every object of the definition", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  const options = { state: {} as { note?: string }, persistedKeys: ["note"] as const };

  for (let wake = 0; wake < 3; wake++) await persisted(memoryStorage(), options);
  await persisted(memoryStorage(), { ...options, persistedKeys: ["note"] });

  // The second definition may be another class's.
  expect(warned).toHaveBeenCalledTimes(2);
  warned.mockRestore();
});

it("[L10] warns of a state without keys, of which nothing is stored, unless that is what is asked for", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  const storage = memoryStorage();
  const state: Record<string, number> = {};

  const { state: prices, flush } = await persisted(storage, { state });
  prices["nuts"] = 3;
  await flush();
  await persisted(memoryStorage(), { state, persistedKeys: [] });

  expect(warned.mock.calls).toEqual([
    [expect.stringContaining("the initial state has no keys, and keys that it has not are not stored")],
  ]);
  expect(storage.rows().size).toBe(0);
  warned.mockRestore();
});

it("a store's state can't be replaced by another object", async () => {
  const store = await persisted(memoryStorage(), { state: { a: 1 } });

  expect(() => Object.assign(store, { state: { a: 2 } })).toThrow(TypeError);
  expect(store.state).toEqual({ a: 1 });
});

it("[L10] warns, once, of a second state on one storage", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  const storage = memoryStorage();
  const open = () => persisted(storage, { state: { a: 1 } });

  (await open()).dispose();
  await open();
  expect(warned).not.toHaveBeenCalled();
  for (let times = 0; times < 2; times++) await open();

  expect(warned.mock.calls).toEqual([
    [expect.stringContaining("a second persisted() on one storage: each writes over what the other one has")],
  ]);
  warned.mockRestore();
});

it("[L10] says what to pass where it is not given the storage, or no options", async () => {
  const ctx = { storage: memoryStorage(), waitUntil() {} };
  const options = { state: { a: 1 } };
  const call = persisted as (...given: unknown[]) => Promise<unknown>;

  const errors = [];
  for (const given of [
    [ctx, options],
    [undefined, options],
    [null, options],
    [options],
    [ctx.storage],
    [ctx.storage, null],
  ])
    errors.push(String(await rejection(call(...given))));

  expect(errors).toEqual([
    "PersistError: [persist] storage is an object; pass `ctx.storage`",
    "PersistError: [persist] storage is undefined; pass `ctx.storage`",
    "PersistError: [persist] storage is null; pass `ctx.storage`",
    "PersistError: [persist] storage is an object; pass `ctx.storage`",
    "PersistError: [persist] the initial state is undefined; give an object with the keys of the state as properties",
    "PersistError: [persist] the initial state is undefined; give an object with the keys of the state as properties",
  ]);
  expect(ctx.storage.counts).toMatchObject({ reads: 0, puts: 0 });
});
