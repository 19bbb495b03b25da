// How long does a broadcast to many members take, each on an object of its own? `npm run bench:broadcast`
import { bundleWorker } from "../harness/bundle.ts";
import { provenance } from "../harness/machine.ts";
import { progress } from "../harness/progress.ts";
import { median, quantile } from "../harness/statistics.ts";
import { textTable } from "../harness/text.ts";
import { serveWorker } from "../harness/workerd.ts";

const SIZES = [10, 100, 1000];
const BROADCASTS = 30;
const FLOOD = 20;

interface Frame {
  readonly data: { readonly type: string; readonly delivered: number };
}

class Member {
  heard = 0;
  readonly #ws: WebSocket;
  #onDelivered: (delivered: number) => void = () => {};

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(String(data)) as Frame;
      if (frame.data.type === "delivered") this.#onDelivered(frame.data.delivered);
      else this.heard++;
    });
  }

  static async open(url: string): Promise<Member> {
    const ws = new WebSocket(url);
    await new Promise((resolve, reject) => {
      ws.addEventListener("open", resolve);
      ws.addEventListener("error", () => reject(new Error(`[bench] no socket at ${url}`)));
    });
    return new Member(ws);
  }

  /** Resolves to how many members have it, when the room says so. */
  say(): Promise<number> {
    const delivered = new Promise<number>((resolve) => {
      this.#onDelivered = resolve;
    });
    this.#ws.send('{"type":"say","data":{"text":"hello"}}');
    return delivered;
  }

  close(): void {
    this.#ws.close();
  }
}

const rows: string[][] = [];
const origin = provenance("bench:broadcast");
const script = await bundleWorker("broadcast.ts");
for (const size of SIZES) {
  // A fresh process each: a room's size must not be that of the last one.
  const worker = await serveWorker(script, ["Member"]);
  try {
    progress(`${size} members: connecting`);
    const members: Member[] = [];
    for (let i = 0; i < size; i++)
      members.push(await Member.open(`${worker.url.replace("http", "ws")}/ws?name=m${i}`));
    const [sender] = members;
    if (sender === undefined) continue;
    for (let i = 0; i < 5; i++) await sender.say();
    const times: number[] = [];
    for (let i = 0; i < BROADCASTS; i++) {
      const start = performance.now();
      const delivered = await sender.say();
      times.push(performance.now() - start);
      if (delivered !== size) throw new Error(`[bench] delivered to ${delivered} of ${size}`);
    }
    progress(`${size} members: many at once`);
    const heardBefore = members.reduce((sum, { heard }) => sum + heard, 0);
    const start = performance.now();
    const senders = members.slice(0, FLOOD);
    for (let round = 0; round < 5; round++) await Promise.all(senders.map((member) => member.say()));
    const seconds = (performance.now() - start) / 1000;
    const heard = members.reduce((sum, { heard }) => sum + heard, 0) - heardBefore;
    rows.push([
      String(size),
      median(times).toFixed(1),
      quantile(times, 0.99).toFixed(1),
      ((size * 1000) / median(times)).toFixed(0),
      (heard / seconds).toFixed(0),
    ]);
    for (const member of members) member.close();
  } finally {
    await worker.stop();
  }
}
console.log(
  textTable(["members", "ms p50", "ms p99", "deliveries/s", `deliveries/s, ${FLOOD} senders`], rows),
);
console.log(JSON.stringify(origin));
