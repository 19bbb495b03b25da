import { persisted } from "@dormouse/do-runtime";
import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";

const state = {
  version0: { name: "Ada King Lovelace", tags: ["math"] },
  version1: { first: "Ada", last: "King", tags: ["math"] },
};

/** An object that an older version of the program left behind. */
async function leftBehind(name: string, old: object, version?: number) {
  const profile = env.PROFILE.getByName(name);
  await runInDurableObject(profile, async (_, ctx) => {
    const store = await persisted(ctx.storage, {
      state: {} as Record<string, unknown>,
      persistedKeys: Object.keys(old),
      ...(version && { version }),
    });
    Object.assign(store.state, old);
    await store.flush();
  });
  await evictDurableObject(profile);
  return profile;
}

it("brings version 0 to version 2", async () => {
  const profile = await leftBehind("from 0", state.version0);

  expect(await profile.tag("engines")).toBe("Ada King Lovelace: math, engines");
});

it("brings version 1 to version 2, and leaves version 2 as it is", async () => {
  const profile = await leftBehind("from 1", state.version1, 1);

  expect(await profile.tag("engines")).toBe("Ada King: math, engines");
  await evictDurableObject(profile);
  expect(await profile.tag("notes")).toBe("Ada King: math, engines, notes");
});

it("begins with the defaults where nothing is stored", async () => {
  expect(await env.PROFILE.getByName("new").tag("first")).toBe(" : first");
});
