import { env } from "cloudflare:workers";
import { expect, it } from "vitest";

it("[I2] [I5] the guard of docs/inspector.md lets in who brings the secret, and nobody else", async () => {
  const stub = env.Journal.getByName("guarded");
  const ask = async (query: string) => {
    const response = await stub.fetch(`https://test/ws/inspect${query}`);
    await response.text();
    return response.status;
  };

  expect(await ask("?token=for+tests+only")).toBe(200);
  expect(await ask("?token=for+tests")).toBe(403);
  expect(await ask("")).toBe(403);
});
