import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";
import { isSqliteBacked } from "../../../packages/do-runtime/src/storage.ts";
import { storageContract } from "../../support/storage-contract.ts";
import { newObject } from "./objects.ts";

storageContract("workerd, SQLite-backed", (body) => newObject("sqlite").run(body), { isSqlite: true });
storageContract("workerd, KV-backed", (body) => newObject("kv").run(body), { isSqlite: false });
storageContract("memory in workerd", (body) => body(memoryStorage()), { isSqlite: true });

describe("what a storage is backed by", () => {
  it("is told apart", async () => {
    expect(await newObject("sqlite").run(isSqliteBacked)).toBe(true);
    expect(await newObject("kv").run(isSqliteBacked)).toBe(false);
    expect(isSqliteBacked(memoryStorage())).toBe(true);
    expect(isSqliteBacked(memoryStorage({ backend: "kv" }))).toBe(false);
  });
});
