// One socket: its metadata, which its attachment follows, and the line its messages wait in.
import { type DirtyTracker, reactive, toRaw, trackDirty } from "@dormouse/reactive";
import { type Attachment, writeAttachment } from "./attachment.ts";
import type { ConnectionMeta } from "./definition.ts";
import type { Hearer } from "./failures.ts";

/** A socket that counts. */
export class Session<Context> {
  readonly ws: WebSocket;
  readonly connectedAt: number;
  /** Whom failures are told to: the handler that runs, or ran last. */
  hearer: Hearer;
  /** Whether what waits in line is not to run any more: the object was destroyed since, or the socket was never let in. */
  isDropped: () => boolean;
  /** What handlers of this socket get; one object for all of them. */
  readonly context: Context;
  readonly #rawMeta: ConnectionMeta;
  readonly #onMetaChange: (session: Session<Context>) => void;
  #meta: ConnectionMeta | undefined;
  #tracker: DirtyTracker | undefined;
  #unsubscribe: (() => void) | undefined;
  #tail: Promise<void> | undefined;
  #unfinished = 0;
  #queuedLength = 0;

  constructor(
    ws: WebSocket,
    { meta, connectedAt }: Attachment,
    surroundings: {
      readonly hearer: Hearer;
      readonly createContext: (session: Session<Context>) => Context;
      readonly onMetaChange: (session: Session<Context>) => void;
      readonly isDropped: () => boolean;
    },
  ) {
    this.ws = ws;
    this.connectedAt = connectedAt;
    this.#rawMeta = meta;
    this.#onMetaChange = surroundings.onMetaChange;
    this.isDropped = surroundings.isDropped;
    this.hearer = surroundings.hearer;
    this.context = surroundings.createContext(this);
  }

  /** The tracked metadata; followed from the first look at it on, so that sockets whose handlers never look pay nothing. */
  get meta(): ConnectionMeta {
    if (this.#meta !== undefined) return this.#meta;
    const meta = reactive(this.#rawMeta);
    this.#tracker = trackDirty(meta);
    let isArmed = false;
    this.#unsubscribe = this.#tracker.version.subscribe(() => {
      if (isArmed) this.#onMetaChange(this);
    });
    isArmed = true;
    this.#meta = meta;
    return meta;
  }

  /** Writes the metadata, as they are now, into the attachment. @throws ConnectionError when they are too large; the next change tries again. */
  saveMeta(): void {
    this.#tracker?.take();
    this.#write(false);
  }

  /** From now on nothing this socket does counts, hibernation or not. */
  end(): void {
    this.#unsubscribe?.();
    this.#tracker?.dispose();
    try {
      this.#write(true);
    } catch {
      // A handler has made them too large. Nobody reads them any more, and what replaces this socket must not be kept from it.
      const meta = { userId: "", clientId: "", channels: [] };
      writeAttachment(this.ws, { meta, connectedAt: this.connectedAt, ended: true });
    }
  }

  /** Runs the task after all tasks before it. The task must not reject. */
  enqueue(task: () => Promise<void>): Promise<void> {
    const before = this.isBusy ? this.#tail : undefined;
    this.#unfinished++;
    this.#tail = this.#run(task, before);
    return this.#tail;
  }

  /** Like `enqueue`, for a message of that length. */
  enqueueMessage(length: number, task: () => Promise<void>): Promise<void> {
    if (!this.isBusy) return this.enqueue(task);
    this.#queuedLength += length;
    return this.enqueue(() => {
      this.#queuedLength -= length;
      return task();
    });
  }

  get isBusy(): boolean {
    return this.#unfinished > 0;
  }

  /** How much waits in line, in UTF-16 units of text. */
  get queuedLength(): number {
    return this.#queuedLength;
  }

  async #run(task: () => Promise<void>, before: Promise<void> | undefined): Promise<void> {
    if (before !== undefined) await before;
    if (!this.isDropped()) await task();
    this.#unfinished--;
  }

  #write(ended: boolean): void {
    writeAttachment(this.ws, { meta: toRaw(this.#rawMeta), connectedAt: this.connectedAt, ended });
  }
}
