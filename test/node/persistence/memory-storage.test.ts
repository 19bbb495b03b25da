import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";
import { storageContract } from "../../support/storage-contract.ts";

storageContract("memory, SQLite-backed", (body) => body(memoryStorage()), { isSqlite: true });
storageContract("memory, KV-backed", (body) => body(memoryStorage({ backend: "kv" })), { isSqlite: false });

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("memoryStorage", () => {
  it("refuses what would have a test pass for nothing", () => {
    const make = memoryStorage as (options: unknown) => ReturnType<typeof memoryStorage>;
    const storage = memoryStorage();

    expect(() => make("kv")).toThrow(
      '[testing] memoryStorage() was given "kv"; give an object, as { backend: "kv" }',
    );
    expect(() => make({ backed: "kv" })).toThrow('no option "backed"; give any of backend, rows, settle');
    expect(() => make({ backend: "KV" })).toThrow('backend is "KV"; give "sqlite" or "kv"');
    expect(() => storage.cutPowerAfter("2" as never)).toThrow(
      'cutPowerAfter() was given "2"; give the number',
    );
    expect(() => storage.cutPowerAfter(Number.NaN)).toThrow("cutPowerAfter() was given NaN");
    expect(() => storage.failWhen(true as never)).toThrow("failWhen() was given true; give a function");
  });

  it("holds what is sent until everything written before it is durable", async () => {
    const storage = memoryStorage();
    storage.send("before");
    void storage.put({ a: 1 });
    storage.send("after");

    expect(storage.delivered).toEqual(["before"]);
    await nextTurn();
    expect(storage.delivered).toEqual(["before", "after"]);
  });

  it("holds what is sent after an empty synchronous transaction until the turn's writes are durable", async () => {
    const storage = memoryStorage();
    storage.transactionSync(() => {});
    storage.send("ack");
    queueMicrotask(() => void storage.put({ a: 1 }));
    await nextTurn();

    expect(storage.delivered).toEqual(["ack"]);
    expect(storage.restart().rows()).toEqual(new Map([["a", 1]]));
  });

  it("loses what was not committed, and what was to be sent, when the power goes", async () => {
    const storage = memoryStorage();
    await storage.put({ a: 1 });
    await storage.sync();
    storage.cutPowerAfter(1);
    void storage.put({ a: 2 });
    storage.send("ack");
    await nextTurn();

    expect(storage.delivered).toEqual([]);
    expect(storage.restart().rows()).toEqual(new Map([["a", 1]]));
    await expect(storage.get("a")).rejects.toThrow("power");
  });

  it("is of no more use when a commit fails, as sync() says, and lets nothing out", async () => {
    const storage = memoryStorage();
    storage.failWhen(({ method }) => method === "commit");
    void storage.put({ a: 1 });
    storage.send("ack");

    await expect(storage.sync()).rejects.toThrow("the commit failed");
    storage.send("later");
    await nextTurn();
    expect(storage.delivered).toEqual([]);
    await expect(storage.put({ a: 2 })).rejects.toThrow("power");
    expect(storage.restart().rows()).toEqual(new Map());
  });

  it("takes the documented sizes and no more", async () => {
    const sqlite = memoryStorage();
    const kv = memoryStorage({ backend: "kv" });

    await expect(sqlite.put("k", new Uint8Array(1_999_900))).resolves.toBeUndefined();
    await expect(sqlite.put("k", new Uint8Array(2_000_000))).rejects.toThrow("2000000");
    await expect(kv.put("k", new Uint8Array(131_000))).resolves.toBeUndefined();
    await expect(kv.put("k", new Uint8Array(131_072))).rejects.toThrow("131072");
    await expect(sqlite.put("k".repeat(2049), 1)).rejects.toThrow("2048");
    const keys = Object.fromEntries(Array.from({ length: 129 }, (_, index) => [`k${index}`, 1]));
    await expect(sqlite.put(keys)).rejects.toThrow("128");
  });

  it("fails a whole read for one unreadable value, and reads the others one by one", async () => {
    const storage = memoryStorage({
      rows: [
        ["a", 1],
        ["b", 2],
      ],
    });
    storage.makeUnreadable("a");

    await expect(storage.get(["a", "b"])).rejects.toThrow("deserialize");
    await expect(storage.list()).rejects.toThrow("deserialize");
    expect(await storage.get("b")).toBe(2);
  });

  it("has a row that can't be read again where the write over it is lost", async () => {
    const storage = memoryStorage({ rows: [["a", 1]] });
    storage.makeUnreadable("a");
    storage.cutPowerAfter(1);
    await storage.put("a", 2);
    expect(await storage.get("a")).toBe(2);

    await expect(storage.sync()).rejects.toThrow("power");
    await expect(storage.restart().get("a")).rejects.toThrow("deserialize");
  });

  it("counts calls, rows and bytes", async () => {
    const storage = memoryStorage();
    await storage.put({ a: 1, b: "text" });
    await storage.delete("a");
    await storage.get("b");

    // An integer takes 4 bytes with V8's header, a string of four characters 8; the keys one each.
    expect(storage.counts).toMatchObject({ puts: 1, deletes: 1, reads: 1, rowsWritten: 3, bytesWritten: 14 });
  });

  it.each([true, false])("counts the puts of one transactionSync as one, kept: %s", (isKept) => {
    const storage = memoryStorage();
    const putBoth = () =>
      storage.transactionSync(() => {
        storage.kv.put("a", 1);
        storage.kv.put("b", 2);
        if (!isKept) throw new Error("not kept");
      });

    if (isKept) putBoth();
    else expect(putBoth).toThrow("not kept");
    storage.transactionSync(() => {});
    storage.kv.put("c", 3);

    expect(storage.counts.puts).toBe(2);
  });
});
