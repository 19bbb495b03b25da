// #region evict
import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";

it("goes on counting after the object has been out of memory", async () => {
  const counter = env.COUNTER.getByName("a counter");
  expect(await counter.visit()).toBe(1);
  expect(await counter.visit()).toBe(2);

  await evictDurableObject(counter);

  expect(await counter.visit()).toBe(3);
});
// #endregion
