import { ConnectionError, createRoomHandler, defineConnection, type RoomStub } from "@dormouse/do-runtime";
import type { Inspection } from "@dormouse/do-runtime/inspector";
import { env } from "cloudflare:workers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { open, type TestSocket } from "../connection/socket.ts";

const PATH = "https://test/ws/inspect?token=open+sesame";

type Stub = ReturnType<typeof env.Inspected.getByName>;

async function inspect(stub: Stub): Promise<Inspection> {
  const response = await stub.fetch(PATH);
  expect(response.status).toBe(200);
  return response.json();
}

async function tell(socket: TestSocket, event: string, data?: unknown): Promise<void> {
  socket.send(event, data);
  await socket.event("done");
}

const defineWithoutGuard = () => defineConnection({ name: "Open", inspect: true });

describe("who may inspect", () => {
  it("[I1] refuses a definition without a guard, and says what to write", () => {
    expect(defineWithoutGuard).toThrow(ConnectionError);
    expect(defineWithoutGuard).toThrow(
      /"Open" has inspect: true.*inspectGuard is undefined; give inspectGuard: \(request, env\)/,
    );
  });

  it("[I1] serves nothing unless it is asked for, a guard or not", async () => {
    const response = await env.NotInspected.getByName("off").fetch(PATH);

    expect(response.status).toBe(404);
    await response.text();
  });

  it("[I2] answers 403 to everybody else, with nothing in it", async () => {
    const stub = env.Inspected.getByName("refuses");
    for (const query of ["", "?token=", "?token=open+sesam", "?token=OPEN+SESAME"]) {
      const response = await stub.fetch(`https://test/ws/inspect${query}`);

      expect(response.status).toBe(403);
      expect(await response.text()).toBe("Forbidden");
    }
  });

  it("[I2] lets nobody in when the guard throws", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => logged.mockRestore());

    const response = await env.Inspected.getByName("guard-throws").fetch(`${PATH}&throws=1`);

    expect(response.status).toBe(403);
    expect(await response.text()).toBe("Forbidden");
  });

  it("[I2] answers nothing but GET", async () => {
    const response = await env.Inspected.getByName("get-only").fetch(PATH, { method: "POST" });

    expect([response.status, response.headers.get("Allow")]).toEqual([405, "GET"]);
    await response.text();
  });
});

describe("what an inspection tells", () => {
  it("[I3] the state as it is, with what JSON has no word for", async () => {
    const inspection = await inspect(env.Inspected.getByName("state"));

    expect(inspection).toMatchObject({ name: "Inspected", userId: "state", persistedKeys: ["board", "log"] });
    expect(inspection.state).toEqual({
      board: {
        title: "Board",
        cards: [{ done: false }],
        tags: { $Set: ["a"] },
        members: { $Map: [["ann", 1]] },
      },
      log: [],
      here: 0,
    });
  });

  it("[I3] the latest writes: their rows, their bytes, and what changed", async () => {
    const stub = env.Inspected.getByName("writes");
    const socket = await open(stub);
    await tell(socket, "finish");
    await tell(socket, "write", { text: "hello" });

    const { flushes, stats, dirtyKeys, sockets } = await inspect(stub);

    expect(flushes.map(({ number, result }) => [number, result])).toEqual([
      [2, "stored"],
      [1, "stored"],
    ]);
    expect(flushes[1]?.changes.map(({ path }) => path.split(/[.[]/)[0])).toEqual(["board"]);
    expect(flushes[0]?.changes.map(({ path }) => path.split(/[.[]/)[0])).toEqual(["log"]);
    expect(stats.bytes).toBe(flushes.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(stats.rows).toBe(flushes.reduce((sum, { rows }) => sum + rows, 0));
    expect(stats.bytes).toBeGreaterThan(0);
    expect([dirtyKeys, sockets]).toEqual([[], 1]);
  });

  it("[I3] the keys that could not be stored, and why", async () => {
    const stub = env.Inspected.getByName("dirty");
    const socket = await open(stub);
    await tell(socket, "writeTooMuch");

    const { dirtyKeys, unsaved, stats } = await inspect(stub);

    expect(dirtyKeys).toEqual(["log"]);
    expect(unsaved).toEqual([
      { key: "log", code: "VALUE_TOO_LARGE", message: expect.stringContaining("the limit is") },
    ]);
    expect(stats.failures).toBeGreaterThan(0);
  });
});

describe("a room", () => {
  const ROOM_PATH = "https://test/rooms/any/inspect?token=open+sesame";

  it("[I1] is refused without a guard, too", () => {
    expect(() => createRoomHandler({ name: "OpenRoom", inspect: true })).toThrow(
      /"OpenRoom" has inspect: true.*inspectGuard is undefined/,
    );
  });

  it("[I1] serves nothing unless it is asked for, and nothing but the inspection", async () => {
    const plain = await env.ChatRoom.getByName("not-inspected").fetch(ROOM_PATH);
    const elsewhere = await env.InspectedRoom.getByName("elsewhere").fetch("https://test/?token=open+sesame");

    expect([plain.status, elsewhere.status]).toEqual([404, 404]);
    expect(await plain.text()).toBe("A room has no socket of its own.");
    await elsewhere.text();
  });

  it("[I2] answers 403 to whom the guard doesn't let in", async () => {
    const response = await env.InspectedRoom.getByName("refuses").fetch("https://test/inspect?token=no");

    expect([response.status, await response.text()]).toEqual([403, "Forbidden"]);
  });

  it("[I3] tells its state, its members' number and its writes", async () => {
    const stub = env.InspectedRoom.getByName("told") as unknown as RoomStub;
    await stub.join("ann");
    await stub.join("bea");

    const inspection: Inspection = await (await stub.fetch(ROOM_PATH)).json();

    expect(inspection).toMatchObject({
      name: "InspectedRoom",
      userId: null,
      sockets: 0,
      room: { name: "told", members: 2 },
      persistedKeys: ["topic", "seen"],
      dirtyKeys: [],
      state: { topic: "moss", seen: { $Set: ["ann", "bea"] }, lastJoin: 1 },
    });
    expect(inspection.flushes.map(({ changes }) => changes.map(({ path }) => path))).toEqual([
      ["seen"],
      ["seen"],
    ]);
  });

  it("[I3] tells which write took the record of the format along", async () => {
    const stub = env.InspectedRoom.getByName("record") as unknown as RoomStub;
    await stub.join("ann");
    // Without the record a text would be taken for Verani's JSON.
    await stub.setRoomState({ topic: "leaves" });

    const { flushes }: Inspection = await (await stub.fetch(ROOM_PATH)).json();

    expect(flushes.map(({ rows, hasRecord }) => [rows, hasRecord])).toEqual([
      [2, true],
      [1, false],
    ]);
  });

  it("[I3] tells what is stored of a state that has no definition", async () => {
    const stub = env.InspectedPlainRoom.getByName("plain") as unknown as RoomStub;
    await stub.setRoomState({ topic: "leaves" });

    const inspection: Inspection = await (await stub.fetch(ROOM_PATH)).json();

    expect(inspection).toMatchObject({ persistedKeys: ["room"], state: { room: { topic: "leaves" } } });
    expect(inspection.stats.flushes).toBe(1);
  });

  it("[I3] is told of, too, where the connections' binding serves as room", async () => {
    const stub = env.Inspected.getByName("room:moss");
    const inspection = await inspect(stub);

    expect(inspection).toMatchObject({
      name: "Inspected",
      userId: null,
      room: { name: "moss", members: 0 },
      state: { room: {} },
    });
    expect((await stub.fetch("https://test/ws/inspect")).status).toBe(403);
  });

  it("[I4] has the page named after it", async () => {
    const response = await env.InspectedRoom.getByName("page").fetch(ROOM_PATH, {
      headers: { Accept: "text/html" },
    });
    const page = await response.text();

    expect(page).toContain("<title>InspectedRoom page</title>");
    expect(page).toContain("0 members");
  });
});

describe("the page", () => {
  it("[I4] shows what is stored as text, and lets nothing run but its own script", async () => {
    const stub = env.Inspected.getByName("page");
    const socket = await open(stub);
    await tell(socket, "write", { '"><img src=x onerror=alert(1)>': "<script>alert(1)</script>" });

    const response = await stub.fetch(PATH, { headers: { Accept: "text/html,*/*" } });
    const page = await response.text();

    expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(response.headers.get("Content-Security-Policy")).toMatch(
      /^default-src 'none'; script-src 'sha256-/,
    );
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toContain("<img");
  });

  it("[I4] cuts what is too much", async () => {
    const stub = env.Inspected.getByName("large");
    const socket = await open(stub);
    await tell(
      socket,
      "write",
      Array.from({ length: 20_000 }, () => "x"),
    );
    await tell(socket, "write", "y".repeat(100_000));

    const response = await stub.fetch(PATH);

    expect((await response.text()).length).toBeLessThan(100_000);
  });
});
