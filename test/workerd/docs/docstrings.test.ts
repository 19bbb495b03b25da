// The examples of the docstrings, run. Each region is named after what its docstring is about.
import { ConnectionError, PersistError, persisted } from "@dormouse/do-runtime";
import { isSecret } from "@dormouse/do-runtime/inspector";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { open } from "../connection/socket.ts";
import { newObject } from "../persistence/objects.ts";
import worker, { events } from "./docstrings.ts";

it("persisted", async () => {
  await newObject().run(async (storage) => {
    const ctx = { storage };
    // #region persisted
    const store = await persisted(ctx.storage, { state: { count: 0 } });
    store.state.count++;
    await store.flush();
    // #endregion
    expect(await storage.get("_verani_persist:count")).toBe(1);
  });
});

it("memoryStorage", async () => {
  const console = { log: vi.fn<(count: number) => void>() };
  // #region memoryStorage
  const storage = memoryStorage();
  const store = await persisted(storage, { state: { count: 0 } });
  store.state.count++;
  await store.flush();
  const again = await persisted(storage.restart(), { state: { count: 0 } });
  console.log(again.state.count); // 1
  // #endregion
  expect(console.log.mock.calls).toEqual([[1]]);
});

it("PersistError", async () => {
  await newObject().run(async (storage) => {
    const store = await persisted(storage, {
      state: { board: "" } as { board?: string },
      onPersistError: () => undefined,
    });
    store.state.board = "x".repeat(3_000_000);
    // #region PersistError
    try {
      await store.flush();
    } catch (error) {
      if (error instanceof PersistError && error.code === "VALUE_TOO_LARGE") delete store.state.board;
    }
    // #endregion
    await store.flush();
    expect(store.state).toEqual({});
  });
});

it("ConnectionError", () => {
  const ctx = { meta: { channels: ["default"] } };
  const error = new ConnectionError("ATTACHMENT_TOO_LARGE", "too much");
  // #region ConnectionError
  if (error instanceof ConnectionError && error.code === "ATTACHMENT_TOO_LARGE") ctx.meta.channels.length = 0;
  // #endregion
  expect(ctx.meta.channels).toEqual([]);
});

it("defineContract", () => {
  expect([Object.keys(events.client), Object.keys(events.server)]).toEqual([["message"], ["message"]]);
});

it("defineConnection", async () => {
  const socket = await open(env.DocstringConnection.getByName("docstring"));

  socket.send("message", { text: "hello" });

  expect(await socket.event("message")).toEqual({ text: "hello", number: 1 });
});

it("createConnectionHandler", async () => {
  const answers = await Promise.all(
    ["/ws", "/other"].map((path) =>
      worker.fetch(new Request<unknown, IncomingRequestCfProperties>(`https://test${path}`)),
    ),
  );

  expect(answers.map(({ status }) => status)).toEqual([426, 404]);
});

it("createRoomHandler", async () => {
  const room = env.DocstringRoom.getByName("docstring");

  await room.join("ada");

  expect(await room.hasMember("ada")).toBe(true);
});

it("isSecret", async () => {
  const definition = {
    // #region isSecret
    inspectGuard: (request, env) =>
      isSecret(new URL(request.url).searchParams.get("token"), env.INSPECT_TOKEN),
    // #endregion
  } satisfies { inspectGuard(request: Request, env: { INSPECT_TOKEN: string }): Promise<boolean> };
  const ask = (token: string) =>
    definition.inspectGuard(new Request(`https://test/ws/inspect?token=${token}`), {
      INSPECT_TOKEN: "right",
    });

  expect([await ask("right"), await ask("wrong")]).toEqual([true, false]);
});
