import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { open } from "./socket.ts";

describe("a contract", () => {
  it("[C20] validates what clients send, and tells them what is wrong", async () => {
    const socket = await open(env.TypedConnection.getByName("typed"));

    socket.send("add", { amount: "2" });
    socket.send("add", { amount: 2, extra: true });

    expect(await socket.frame()).toEqual({
      type: "error",
      code: "PAYLOAD_REFUSED",
      message: "amount: expected a number",
      event: "add",
    });
    expect(await socket.event("total")).toEqual({ total: 2 });
  });
});
