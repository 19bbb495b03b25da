// The Worker of `npm run bench:restore`: fills an object, throws it away, and restores it in a fresh one.
import { persisted, type Storage } from "@dormouse/do-runtime";
import { DurableObject } from "cloudflare:workers";
import type { RestoreJob, RestoreShape, RestoreWay, Woken } from "../restore/job.ts";
import { countStorage } from "../writes/count-storage.ts";
import { openPerWrite } from "../writes/stores/per-write.ts";

type RestoredState = Record<string, { edits: number; text: string }>;

/** Flushes between two commits, so that preparing does not wait for the disk each time. */
const FLUSHES_A_COMMIT = 50;

function initialState({ keys, bytes }: RestoreShape): RestoredState {
  const text = "x".repeat(Math.max(1, Math.floor(bytes / keys)));
  return Object.fromEntries(Array.from({ length: keys }, (_, id) => [keyOf(id), { edits: 0, text }]));
}

const keyOf = (id: number) => `key${id}`;

/** What a fresh object reads in order to have its state, and how. */
async function open(
  way: RestoreWay,
  storage: DurableObjectStorage,
  shape: RestoreShape,
): Promise<RestoredState> {
  switch (way) {
    case "nothing":
      return {};
    case "by-hand": {
      const rows = await storage.list<RestoredState[string]>({ prefix: "state:" });
      const state = initialState(shape);
      for (const [key, value] of rows) state[key.slice("state:".length)] = value;
      return state;
    }
    case "per-write": {
      const initial = initialState(shape);
      return (await openPerWrite(storage, {
        initial,
        keys: Object.keys(initial),
        shallow: false,
      })) as RestoredState;
    }
    default: {
      const { state } = await persisted(storage as unknown as Storage, {
        state: () => initialState(shape),
        persistOptions: { shallow: false },
        layout: way,
      });
      return state;
    }
  }
}

async function prepare(way: RestoreWay, storage: DurableObjectStorage, shape: RestoreShape): Promise<void> {
  const state = await open(way, storage, shape);
  const edit = (id: number) => {
    const value = state[keyOf(id)];
    if (!value) return;
    value.edits++;
    if (way === "by-hand") void storage.put(`state:${keyOf(id)}`, value);
  };
  // Every key is written once, so that all ways have all of them to read.
  for (let id = 0; id < shape.keys; id++) edit(id);
  await storage.sync();
  for (let flush = 1; flush <= shape.flushes; flush++) {
    edit(flush % shape.keys);
    if (flush % FLUSHES_A_COMMIT === 0) await storage.sync();
    // The end of the turn for a store that flushes there.
    else for (let i = 0; i < 12; i++) await undefined;
  }
  await storage.sync();
}

/** Edits of the key with number `id` after `prepare`. */
function editsOf(id: number, { keys, flushes }: RestoreShape): number {
  const whole = Math.floor(flushes / keys);
  const rest = flushes % keys;
  return 1 + whole + (id > 0 && id <= rest ? 1 : 0);
}

export class RestoreObject extends DurableObject {
  override async fetch(request: Request): Promise<Response> {
    const job = await request.json<RestoreJob>();
    const { storage } = this.ctx;
    if (job.kind === "prepare") {
      await prepare(job.way, storage, job.shape);
      return new Response("prepared");
    }
    if (job.kind === "abort") {
      await storage.sync();
      this.ctx.abort("the bench wants a fresh object");
      return new Response("aborted");
    }
    const counts = countStorage(storage);
    const state = await open(job.way, storage, job.shape);
    const restored =
      job.way === "nothing" ||
      (Object.keys(state).length === job.shape.keys &&
        Object.entries(state).every(
          ([key, { edits }]) => edits === editsOf(Number(key.slice(3)), job.shape),
        ));
    return Response.json({ reads: counts.reads, restored } satisfies Woken);
  }
}

export default {
  async fetch(request: Request, env: { RestoreObject: DurableObjectNamespace }): Promise<Response> {
    const name = new URL(request.url).pathname.slice(1);
    try {
      return await env.RestoreObject.get(env.RestoreObject.idFromName(name)).fetch(request);
    } catch (error) {
      return new Response(error instanceof Error ? (error.stack ?? error.message) : String(error), {
        status: 500,
      });
    }
  },
};
