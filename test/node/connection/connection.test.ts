// What a user's object holds of the messages that wait; test/workerd/connection shows all else of it.
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it } from "vitest";
import { type ConnectionSurroundings, UserConnection } from "../../../packages/do-runtime/src/connection.ts";
import { type ConnectionMeta, defineConnection } from "../../../packages/do-runtime/src/definition.ts";
import { collectUntil } from "../../support/collect.ts";

/** A socket that hibernated, on which nothing is received. */
function hibernated() {
  const sent: string[] = [];
  const attachment = { meta: { userId: "ada", clientId: "", channels: [] }, connectedAt: 0, ended: false };
  const ws = {
    readyState: 1,
    deserializeAttachment: () => attachment,
    serializeAttachment() {},
    send: (frame: string) => void sent.push(frame),
    close() {},
  };
  return { sent, ws: ws as unknown as WebSocket };
}

async function open() {
  const { sent, ws } = hibernated();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const lengths: number[] = [];
  const definition = defineConnection<ConnectionMeta, never>({});
  definition.on("wait", () => released);
  definition.on<unknown[]>("list", (_ctx, list) => void lengths.push(list.length));
  const around = {
    userId: "ada",
    state: { storage: memoryStorage(), getWebSockets: () => [ws] },
    env: {},
    actor: {},
  };
  const connection = await UserConnection.open(
    definition,
    around as unknown as ConnectionSurroundings<never>,
  );
  return {
    receive: (message: string | ArrayBuffer) => connection.receive(ws, message),
    release,
    lengths,
    sent,
  };
}

const heldBytes = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;

it("[W4] messages that wait take no more memory than their text, whatever is in it", async () => {
  const { receive, release, lengths, sent } = await open();
  const list = `{"type":"list","data":[${"{},".repeat(300_000)}{}]}`;
  const done = [receive('{"type":"wait"}')];
  await collectUntil(() => false);
  const before = heldBytes();

  for (let i = 0; i < 8; i++) done.push(receive(list));
  for (let i = 0; i < 8; i++) done.push(receive(new ArrayBuffer(4_000_000)));
  // What the buffers held is given back by another thread, a little after they were collected.
  const isLittle = await collectUntil(() => heldBytes() - before < 10_000_000);
  const early = [...sent];
  done.push(receive(`{"type":"ping","pad":"${"x".repeat(100)}"}`), receive('{ "type": "ping" }'));
  const pongs = sent.length;
  release();
  await Promise.all(done);

  expect(isLittle).toBe(true);
  expect(lengths).toEqual(Array(8).fill(300_001));
  expect(early).toEqual([]);
  // The short one was answered at once.
  expect(pongs).toBe(1);
  expect(sent.filter((frame) => frame.includes("pong"))).toHaveLength(2);
  expect(sent.filter((frame) => frame.includes("BINARY_REFUSED"))).toHaveLength(8);
});
