export { type Path, PersistError, type PersistErrorCode, type PersistErrorDetails } from "./errors.ts";
export type { LayoutName } from "./layout/meta.ts";
export { persisted, type PersistedOptions, type PersistedStore, type PersistOptions } from "./persisted.ts";
export type { Commit, PersistStats } from "./persister.ts";
export type { ListOptions, Storage, StorageOperations, StorageTransaction, SyncStorage } from "./storage.ts";
