// The code that docs/coming-from.md shows: the same program by hand and with persisted().
import { defineConnection, persisted } from "@dormouse/do-runtime";
import { expect, it } from "vitest";
import { newObject } from "../persistence/objects.ts";

// #region before
class VisitsByHand {
  readonly #storage: DurableObjectStorage;
  count = 0;
  readonly #pages = new Map<string, number>();

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  async restore() {
    this.count = (await this.#storage.get<number>("count")) ?? 0;
    for (const [key, visits] of await this.#storage.list<number>({ prefix: "page:" })) {
      this.#pages.set(key.slice("page:".length), visits);
    }
  }

  visit(page: string) {
    const visits = (this.#pages.get(page) ?? 0) + 1;
    this.count++;
    this.#pages.set(page, visits);
    void this.#storage.put({ count: this.count, [`page:${page}`]: visits });
    return visits;
  }
}
// #endregion

// #region after
const openVisits = (storage: DurableObjectStorage) =>
  persisted(storage, {
    state: { count: 0, pages: new Map<string, number>() },
    persistOptions: { shallow: false },
  });

function visit({ state }: Awaited<ReturnType<typeof openVisits>>, page: string) {
  const visits = (state.pages.get(page) ?? 0) + 1;
  state.count++;
  state.pages.set(page, visits);
  return visits;
}
// #endregion

it("both remember", async () => {
  const [byHand, stateful] = [newObject(), newObject()];
  await byHand.run(async (storage) => {
    const visits = new VisitsByHand(storage);
    await visits.restore();
    expect([visits.visit("/"), visits.visit("/"), visits.visit("/faq")]).toEqual([1, 2, 1]);
  });
  await stateful.run(async (storage) => {
    const visits = await openVisits(storage);
    expect(["/", "/", "/faq"].map((page) => visit(visits, page))).toEqual([1, 2, 1]);
  });
  await Promise.all([byHand.evict(), stateful.evict()]);

  await byHand.run(async (storage) => {
    const visits = new VisitsByHand(storage);
    await visits.restore();
    expect([visits.count, visits.visit("/")]).toEqual([3, 3]);
  });
  await stateful.run(async (storage) => {
    const visits = await openVisits(storage);
    expect([visits.state.count, visit(visits, "/")]).toEqual([3, 3]);
  });
});

// #region move
async function openMovedVisits(storage: DurableObjectStorage) {
  const visits = await openVisits(storage);
  const count = await storage.get<number>("count");
  if (count !== undefined) {
    visits.state.count = count;
    await visits.flush();
    await storage.delete("count");
  }
  return visits;
}
// #endregion

it("a value moves into the state", async () => {
  const object = newObject();
  await object.run((storage) => storage.put("count", 41));
  await object.run(async (storage) => {
    expect((await openMovedVisits(storage)).state.count).toBe(41);
  });
  await object.evict();
  await object.run(async (storage) => {
    expect((await openMovedVisits(storage)).state.count).toBe(41);
    expect(await storage.get("count")).toBeUndefined();
  });
});

it("a Date that Verani stored is made one again", async () => {
  // #region verani-dates
  const connection = defineConnection({
    state: { lastSeen: new Date(0), theme: "dark" },
    persistedKeys: ["lastSeen", "theme"],
    persistOptions: { shallow: false },
    version: 1,
    migrate(old, fromVersion) {
      // What Verani stored counts as version 0.
      if (fromVersion < 1 && typeof old["lastSeen"] === "string") old["lastSeen"] = new Date(old["lastSeen"]);
    },
  });
  // #endregion
  const {
    state = { lastSeen: new Date(), theme: "" },
    persistOptions = {},
    version = 0,
    migrate,
  } = connection;
  const options = { state, persistOptions, version, ...(migrate && { migrate }) };
  const object = newObject();
  const lastSeen = new Date("2026-01-01");
  await object.run((storage) =>
    storage.put({
      "_verani_persist:lastSeen": JSON.stringify(lastSeen),
      "_verani_persist:theme": JSON.stringify("light"),
    }),
  );

  await object.run(async (storage) => {
    expect((await persisted(storage, options)).state).toEqual({ lastSeen, theme: "light" });
  });

  await object.evict();
  await object.run(async (storage) => {
    expect(await storage.get("_verani_persist:lastSeen")).toEqual(lastSeen);
  });
});
