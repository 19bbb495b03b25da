import type { Storage } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";
import { sqliteOf } from "../../../packages/do-runtime/src/storage.ts";
import { storageContract } from "../../support/storage-contract.ts";
import { newObject } from "./objects.ts";

storageContract("workerd, SQLite-backed", (body) => newObject("sqlite").run(body), { isSqlite: true });
storageContract("workerd, KV-backed", (body) => newObject("kv").run(body), { isSqlite: false });
storageContract("memory in workerd", (body) => body(memoryStorage()), { isSqlite: true });

const isSqlite = (storage: Storage): boolean => sqliteOf(storage) !== undefined;

describe("what a storage is backed by", () => {
  it("is told apart", async () => {
    expect(await newObject("sqlite").run(isSqlite)).toBe(true);
    expect(await newObject("kv").run(isSqlite)).toBe(false);
    expect(isSqlite(memoryStorage())).toBe(true);
    expect(isSqlite(memoryStorage({ backend: "kv" }))).toBe(false);
  });
});
