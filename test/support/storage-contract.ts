import type { Storage, StorageTransaction } from "@dormouse/do-runtime";
import { describe, expect, it } from "vitest";
import { nextTurn } from "./persist-laws.ts";

/** Runs a test's body against a storage that nobody wrote to before. */
export type WithStorage = (body: (storage: Storage) => Promise<void>) => Promise<void>;

/** What persistence relies on, and every storage it is given has to do. */
export function storageContract(
  name: string,
  withStorage: WithStorage,
  { isSqlite }: { isSqlite: boolean },
): void {
  const check = (what: string, body: (storage: Storage) => Promise<void>): void => {
    it(what, () => withStorage(body));
  };

  describe(`the storage contract: ${name}`, () => {
    check("gives back what was put, and nothing for what was not", async (storage) => {
      await storage.put("a", 1);
      await storage.put({ b: 2, c: "three" });

      expect(await storage.get("a")).toBe(1);
      expect(await storage.get(["b", "c", "d"])).toEqual(
        new Map<string, unknown>([
          ["b", 2],
          ["c", "three"],
        ]),
      );
      expect(await storage.get("d")).toBeUndefined();
    });

    check("clones at the call", async (storage) => {
      const value = { list: [1] };
      const put = storage.put({ value });
      value.list.push(2);
      await put;
      const read = await storage.get<{ list: number[] }>("value");
      read?.list.push(3);

      expect(await storage.get("value")).toEqual({ list: [1] });
    });

    check("keeps what a structured clone keeps", async (storage) => {
      const shared = { n: -0 };
      const value = {
        map: new Map([[shared, new Set([1n])]]),
        shared,
        date: new Date(5),
        bytes: new Uint8Array([1, 2]),
      };
      await storage.put({ value });
      const read = await storage.get<typeof value>("value");

      expect(read).toEqual(value);
      expect(read?.map.has(read.shared)).toBe(true);
    });

    check("writes all keys of a put or none", async (storage) => {
      await storage.put({ a: "old" });
      const put = storage.put({ a: "new", bad: () => 1 });

      await expect(put).rejects.toThrow();
      expect(await storage.get(["a", "bad"])).toEqual(new Map([["a", "old"]]));
    });

    check("skips undefined in a put of several, and rejects it alone", async (storage) => {
      await storage.put({ a: 1, b: 1 });
      await storage.put({ a: undefined, b: 2 });

      expect(await storage.get(["a", "b"])).toEqual(
        new Map([
          ["a", 1],
          ["b", 2],
        ]),
      );
      await expect(storage.put("a", undefined)).rejects.toThrow();
    });

    check("tells what was deleted", async (storage) => {
      await storage.put({ a: 1, b: 1, c: 1 });

      expect(await storage.delete("a")).toBe(true);
      expect(await storage.delete("a")).toBe(false);
      expect(await storage.delete(["a", "b", "c"])).toBe(2);
      expect(await storage.list()).toEqual(new Map());
    });

    check("lists in the order of the keys, by prefix, start, end and limit", async (storage) => {
      await storage.put({ "p:2": 2, "p:1": 1, "p:3": 3, q: 4, o: 0 });
      const keys = async (options?: object): Promise<string[]> => [...(await storage.list(options)).keys()];

      expect(await keys()).toEqual(["o", "p:1", "p:2", "p:3", "q"]);
      expect(await keys({ prefix: "p:" })).toEqual(["p:1", "p:2", "p:3"]);
      expect(await keys({ prefix: "p:", startAfter: "p:1" })).toEqual(["p:2", "p:3"]);
      expect(await keys({ start: "p:2", end: "q" })).toEqual(["p:2", "p:3"]);
      expect(await keys({ prefix: "p:", limit: 2 })).toEqual(["p:1", "p:2"]);
      expect(await keys({ prefix: "p:", limit: 2, reverse: true })).toEqual(["p:3", "p:2"]);
      await expect(storage.list({ limit: 0 })).rejects.toThrow("List limit must be positive.");
      await expect(storage.list({ start: "o", startAfter: "o" })).rejects.toThrow(
        "both start and startAfter",
      );
    });

    check("orders keys by their bytes in UTF-8", async (storage) => {
      const inOrder = ["", "a", "a\u0000", "b", "~", "é", "\uE000", "\uFFFD", "\u{1F600}"];
      await storage.put(Object.fromEntries(inOrder.toReversed().map((key) => [key, 1])));

      expect([...(await storage.list()).keys()]).toEqual(inOrder);
      expect([...(await storage.get(inOrder.toReversed())).keys()]).toEqual(inOrder);
      expect([...(await storage.list({ start: "\uE000" })).keys()]).toEqual(inOrder.slice(6));
      expect([...(await storage.list({ startAfter: "\uFFFD" })).keys()]).toEqual(["\u{1F600}"]);
      expect([...(await storage.list({ start: "~", end: "\u{1F600}" })).keys()]).toEqual(inOrder.slice(4, 8));
    });

    check("refuses a transaction's handle after its rollback and its end", async (storage) => {
      const handles: StorageTransaction[] = [];
      const rolledBack = storage.transaction(async (txn) => {
        handles.push(txn);
        await txn.put("a", 1);
        txn.rollback();
        await txn.put("a", 2);
      });

      await expect(rolledBack).rejects.toThrow("Cannot put() on rolled back transaction");
      await expect(handles[0]?.put("a", 3)).rejects.toThrow("Cannot");
      expect(await storage.get("a")).toBeUndefined();
    });

    check("deletes nothing at all inside a transaction", async (storage) => {
      await storage.put({ a: 1 });
      const refused = storage.transaction(async () => storage.deleteAll?.());

      await expect(refused).rejects.toThrow("Cannot call deleteAll() within a transaction");
      expect(await storage.get("a")).toBe(1);
    });

    check("keeps a transaction's writes, and none when it throws", async (storage) => {
      await storage.transaction(async (txn) => {
        await txn.put("kept", 1);
      });
      const failed = storage.transaction(async (txn) => {
        await txn.put("kept", 2);
        throw new Error("no");
      });

      await expect(failed).rejects.toThrow("no");
      expect(await storage.get("kept")).toBe(1);
    });

    check("rolls back when the transaction says so", async (storage) => {
      await storage.transaction(async (txn) => {
        await txn.put("a", 1);
        txn.rollback();
      });

      expect(await storage.get("a")).toBeUndefined();
    });

    check("runs transactions one after the other, each with its own writes", async (storage) => {
      const order: string[] = [];
      const first = storage.transaction(async (txn) => {
        order.push("first begins");
        await txn.put("first", 1);
        await nextTurn();
        order.push("first ends");
        throw new Error("no");
      });
      const second = storage.transaction(async (txn) => {
        order.push(`second begins, finds ${await txn.get("first")}`);
        await txn.put("second", 1);
      });

      await expect(first).rejects.toThrow("no");
      await second;
      expect(order).toEqual(["first begins", "first ends", "second begins, finds undefined"]);
      expect(await storage.list()).toEqual(new Map([["second", 1]]));
    });

    check("has a transaction inside another one be a part of it", async (storage) => {
      const outer = storage.transaction(async (txn) => {
        await txn.put("outer", 1);
        await storage.transaction(async (inner) => {
          expect(await inner.get("outer")).toBe(1);
          await inner.put("inner", 1);
        });
        expect(await txn.get("inner")).toBe(1);
        throw new Error("no");
      });

      await expect(outer).rejects.toThrow("no");
      expect(await storage.list()).toEqual(new Map());
    });

    check("keeps what the turn that calls a transaction writes after the call", async (storage) => {
      const failed = storage.transaction(async () => {
        throw new Error("no");
      });
      const put = storage.put("a", 1);

      await expect(failed).rejects.toThrow("no");
      await put;
      expect(await storage.get("a")).toBe(1);
    });

    check("lets its methods be wrapped, which is how an open transaction is noticed", async (storage) => {
      const { transaction } = storage;
      let calls = 0;
      storage.transaction = (closure) => {
        calls++;
        return transaction.call(storage, closure) as never;
      };
      await storage.transaction(async () => {});

      expect(calls).toBe(1);
    });

    check("is durable after sync", async (storage) => {
      await storage.put({ a: 1 });

      await expect(storage.sync()).resolves.toBeUndefined();
    });

    if (isSqlite) sqliteContract(check);
    else {
      check("has no synchronous operations", async (storage) => {
        expect(() => storage.kv?.get("a")).toThrow();
      });
    }
  });
}

function sqliteContract(check: (what: string, body: (storage: Storage) => Promise<void>) => void): void {
  check("has put join an open transaction, and vanish with it", async (storage) => {
    const failed = storage.transaction(async () => {
      await storage.put({ outside: 1 });
      throw new Error("no");
    });

    await expect(failed).rejects.toThrow("no");
    expect(await storage.get("outside")).toBeUndefined();
  });

  check("has kv see what put wrote and the other way round", async (storage) => {
    await storage.put({ a: 1 });
    storage.kv?.put("b", 2);

    expect(storage.kv?.get("a")).toBe(1);
    expect(await storage.get("b")).toBe(2);
    expect(storage.kv?.delete("b")).toBe(true);
    expect(await storage.get("b")).toBeUndefined();
  });

  check("has kv keep undefined as a value", async (storage) => {
    storage.kv?.put("a", 1);
    storage.kv?.put("a", undefined);

    expect(storage.kv?.get("a")).toBeUndefined();
    expect(await storage.list()).toEqual(new Map([["a", undefined]]));
    expect(storage.kv?.delete("a")).toBe(true);
  });

  check("undoes a synchronous transaction that throws", async (storage) => {
    await storage.put({ a: 1 });
    const fail = (): void =>
      storage.transactionSync?.(() => {
        storage.kv?.put("a", 2);
        throw new Error("no");
      });

    expect(fail).toThrow("no");
    expect(await storage.get("a")).toBe(1);
  });

  check("nests synchronous transactions", async (storage) => {
    storage.transactionSync?.(() => {
      storage.kv?.put("outer", 1);
      try {
        storage.transactionSync?.(() => {
          storage.kv?.put("inner", 1);
          throw new Error("no");
        });
      } catch {
        storage.kv?.put("caught", 1);
      }
    });

    expect([...(await storage.list()).keys()]).toEqual(["caught", "outer"]);
  });

  check("throws at once when kv can't clone", async (storage) => {
    expect(() => storage.kv?.put("a", () => 1)).toThrow();
  });
}
