// One socket, and how fast it is answered.

const FRAME = JSON.stringify({ type: "message", data: { text: "hello" } });

/** A socket on an object of its own. */
export class CountingSocket {
  readonly #socket: WebSocket;
  #onCount: (count: number) => void = () => {};
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", (event) => {
      const frame = JSON.parse(String(event.data)) as { data?: { type?: string; count?: number } };
      if (frame.data?.type !== "counted" || frame.data.count === undefined) return;
      // Each answer counts one more: an answer lost or sent twice would make the numbers worthless.
      if (frame.data.count !== this.#last + 1)
        throw new Error(`[bench] answer ${frame.data.count} after ${this.#last}`);
      this.#last = frame.data.count;
      this.#onCount(frame.data.count);
    });
  }

  static async open(url: string): Promise<CountingSocket> {
    const socket = new WebSocket(url.replace(/^http/, "ws"));
    const counting = new CountingSocket(socket);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("error", () => reject(new Error(`[bench] no socket at ${url}`)));
    });
    return counting;
  }

  /** Sends `messages`, `window` of them unanswered at a time, and waits for all answers. */
  async flood(messages: number, window: number): Promise<void> {
    const target = this.#last + messages;
    let sent = this.#last;
    await this.#until((count) => {
      while (sent < target && sent - count < window) {
        this.#socket.send(FRAME);
        sent++;
      }
      return count >= target;
    });
  }

  /** Sends one message, and waits for the answer. */
  async ask(): Promise<void> {
    const wanted = this.#last + 1;
    this.#socket.send(FRAME);
    await this.#until((count) => count >= wanted);
  }

  close(): void {
    this.#socket.close();
  }

  /** Calls `done` with the count so far, now and at every answer, until it says true. */
  #until(done: (count: number) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("[bench] no answer for 20 s")), 20_000);
      const check = (count: number) => {
        if (!done(count)) return;
        clearTimeout(timer);
        this.#onCount = () => {};
        resolve();
      };
      this.#onCount = check;
      check(this.#last);
    });
  }
}
