// The object that test/crash kills: what it acknowledges must be there afterwards, and never half of it.
import { type Commit, type LayoutName, persisted, type PersistedStore } from "@dormouse/do-runtime";
import { DurableObject } from "cloudflare:workers";

const CARDS = 50;

interface State {
  count: number;
  mirror: number;
  board: { cards: { n: number }[]; sum: number };
  byName: Map<string, number>;
}

const initial: State = {
  count: 0,
  mirror: 0,
  board: { cards: Array.from({ length: CARDS }, () => ({ n: 0 })), sum: 0 },
  byName: new Map(),
};

/** Where a state that no program could have made is wrong. */
function flaws({ count, mirror, board, byName }: State): string[] {
  const found: string[] = [];
  const latest = (slot: number): number => Math.max(0, count - ((count - slot + CARDS) % CARDS));
  if (mirror !== count) found.push(`mirror is ${mirror}, count ${count}`);
  if (board.sum !== (count * (count + 1)) / 2) found.push(`sum is ${board.sum}`);
  for (const [slot, { n }] of board.cards.entries())
    if (n !== latest(slot)) found.push(`card ${slot} is ${n}`);
  if (count > 0 && byName.get(`n${count % 7}`) !== count)
    found.push(`n${count % 7} is ${byName.get(`n${count % 7}`)}`);
  return found;
}

export class CrashObject extends DurableObject {
  #store: Promise<PersistedStore<State>> | undefined;

  #open(url: URL): Promise<PersistedStore<State>> {
    this.#store ??= persisted(this.ctx.storage, {
      state: initial,
      persistOptions: { shallow: false },
      commit: url.searchParams.get("commit") as Commit,
      layout: url.searchParams.get("layout") as LayoutName,
    });
    return this.#store;
  }

  override async fetch(request: Request): Promise<Response> {
    const { state } = await this.#open(new URL(request.url));
    if (request.headers.get("Upgrade") !== "websocket")
      return Response.json({ count: state.count, flaws: flaws(state) });
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(ws: WebSocket, message: string): Promise<void> {
    const store = await this.#store;
    if (store === undefined) return;
    const { state } = store;
    const n = Number(message);
    state.count = n;
    const card = state.board.cards[n % CARDS];
    if (card !== undefined) card.n = n;
    state.board.sum += n;
    state.byName.set(`n${n % 7}`, n);
    state.mirror = n;
    const held = store.beforeSend();
    if (held !== undefined) await held;
    ws.send(message);
  }
}

export default {
  fetch: (request: Request, env: { CRASH: DurableObjectNamespace }): Promise<Response> =>
    env.CRASH.getByName(new URL(request.url).search).fetch(request),
};
