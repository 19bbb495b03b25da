export type { ConnectionClass, ConnectionObject, ConnectionStub } from "./connection-object.ts";
export { createConnectionHandler } from "./connection-object.ts";
export { ConnectionError, type ConnectionErrorCode } from "./connection-error.ts";
export type {
  Contract,
  EventSchemas,
  InputOf,
  OutputOf,
  Schema,
  SchemaIssue,
  SchemaResult,
} from "./contract.ts";
export { defineContract, payload } from "./contract.ts";
export type {
  Connection,
  ConnectionActor,
  ConnectionContext,
  ConnectionDefinition,
  ConnectionMeta,
  Emit,
  EmitTarget,
  InspectSettings,
  MessageFrame,
  ObjectContext,
  PersistSettings,
  UncheckedPayload,
} from "./definition.ts";
export { defineConnection } from "./definition.ts";
export type { BroadcastOptions, RoomMember, RoomRpc } from "./ports.ts";
export type { ErrorFrame, ErrorFrameCode } from "./protocol.ts";
export type { LeaveReason, RoomContext, RoomDefinition } from "./room-definition.ts";
export { createRoomHandler, type RoomClass, type RoomObject, type RoomStub } from "./room-object.ts";
export { type Path, PersistError, type PersistErrorCode, type PersistErrorDetails } from "./errors.ts";
export type { InspectGuard } from "./inspect.ts";
export type { LayoutName } from "./layout/meta.ts";
export type { Migrate } from "./layout/layout.ts";
export { persisted, type PersistedOptions, type PersistedStore, type PersistOptions } from "./persisted.ts";
export type { Commit, Flush, PersistStats } from "./persister.ts";
export type { ListOptions, Storage, StorageOperations, StorageTransaction, SyncStorage } from "./storage.ts";
