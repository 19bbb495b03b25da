import { Mirror } from "../../../examples/board/page/mirror.ts";
import type { BoardState } from "../../../examples/board/shared/model.ts";

/** A tab without its page: the mirror of the real one, on a socket of Node's. */
export class BoardTab {
  readonly mirror: Mirror;
  readonly #socket: WebSocket;
  #heard: () => void = () => {};

  private constructor(socket: WebSocket, mirror: Mirror) {
    this.#socket = socket;
    this.mirror = mirror;
    socket.addEventListener("message", ({ data }) => {
      const { type, data: told } = JSON.parse(String(data)) as {
        type: string;
        data: Record<string, unknown>;
      };
      if (type !== "event") throw new Error(`the board answers ${String(data)}`);
      if (told["type"] === "board") this.mirror.replace(told["state"], told["number"] as number);
      if (told["type"] === "patches" && !this.mirror.apply(told["patches"], told["number"] as number)) {
        this.emit("all", {});
      }
      this.#heard();
    });
  }

  static async open(url: string, board: string, mirror = new Mirror()): Promise<BoardTab> {
    const tab = new BoardTab(new WebSocket(`${url.replace("http", "ws")}/ws?board=${board}`), mirror);
    await tab.until(() => tab.mirror.state.peek() !== undefined);
    return tab;
  }

  get state(): BoardState {
    const state = this.mirror.state.peek();
    if (state === undefined) throw new Error("the board has told nothing yet");
    return state;
  }

  emit(event: string, data: unknown): void {
    this.#socket.send(JSON.stringify({ type: event, data }));
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  close(): void {
    this.#socket.close();
  }
}
