// What this object has written so far, beside what the per-write model would have.
import type { Written } from "../shared/per-write.ts";
import { element } from "./dom.ts";
import { bytesOf } from "./wording.ts";

/** What the object has written since it woke. */
export interface Reading {
  /** Tells the object's lives apart: when this one began, in milliseconds. */
  readonly wokeAt: number;
  readonly written: Written;
  /** Whether one of its latest writes, which are told one by one, took the record of format and layout along. */
  readonly hasRecord: boolean;
}

const nothing: Written = { rows: 0, bytes: 0 };

/** Adds up from the first reading on, over the lives of the object: after a crash its own counts begin again. */
export class Meter {
  #before = nothing;
  #atFirst = nothing;
  #life: Reading | undefined;
  #perWrite = nothing;
  #messages = 0;
  #isRecordOlder = false;
  #recordRows = 0;

  /** The object told what it has written. */
  read(reading: Reading): void {
    if (this.#life === undefined) {
      this.#atFirst = reading.written;
      this.#isRecordOlder = reading.hasRecord;
    } else if (this.#life.wokeAt !== reading.wokeAt) this.#before = sum(this.#before, this.#life.written);
    if (reading.hasRecord && !this.#isRecordOlder) this.#recordRows = 1;
    this.#life = reading;
  }

  /** A message changed something, for which the per-write model would have written this. */
  add(perWrite: Written): void {
    this.#perWrite = sum(this.#perWrite, perWrite);
    this.#messages++;
  }

  get written(): Written {
    const all = sum(this.#before, this.#life?.written ?? nothing);
    return { rows: all.rows - this.#atFirst.rows, bytes: all.bytes - this.#atFirst.bytes };
  }

  /** What the messages took of the rows, without the record, which an object's first write takes along and no later one. */
  get messageRows(): number {
    return this.written.rows - this.#recordRows;
  }

  get perWrite(): Written {
    return this.#perWrite;
  }

  /** How many messages changed something. */
  get messages(): number {
    return this.#messages;
  }
}

function sum(one: Written, other: Written): Written {
  return { rows: one.rows + other.rows, bytes: one.bytes + other.bytes };
}

/** USD for a million rows beyond those included, by Cloudflare's price list of 24 November 2026. */
const PRICE = 1;

/** Draws the two pairs of bars, and what they come to. */
export function drawMeter(parent: HTMLElement, { written, messageRows, perWrite, messages }: Meter): void {
  parent.replaceChildren(
    drawPair("Rows", written.rows, perWrite.rows, String),
    drawPair("Bytes", written.bytes, perWrite.bytes, bytesOf),
    element(
      "p",
      { class: "cost" },
      "What a message changes is stored as one row, at the end of its turn and before any tab is told. " +
        "An object's first write has a second row, which tells its layout.",
    ),
  );
  if (messages === 0) return;
  const million = (rows: number, unit: string) =>
    `${(rows / messages).toFixed(1)} million${unit} (${((rows / messages) * PRICE).toFixed(2)} USD)`;
  const cost =
    `A million messages like these would write ${million(messageRows, " rows")} here, ` +
    `and ${million(perWrite.rows, "")} with a put per write, at Cloudflare's price of 24 November 2026.`;
  parent.append(element("p", { class: "cost" }, cost));
}

function drawPair(
  label: string,
  ours: number,
  theirs: number,
  format: (count: number) => string,
): HTMLElement {
  const most = Math.max(ours, theirs, 1);
  const drawBar = (kind: string, name: string, count: number) =>
    element(
      "div",
      { class: `bar ${kind}` },
      element("span", { class: "who" }, name),
      element("span", { class: "track" }, element("span", { style: `width:${(count / most) * 100}%` })),
      element("span", { class: "amount" }, format(count)),
    );
  return element(
    "div",
    { class: "pair-of-bars", role: "group", "aria-label": label },
    element("h4", {}, label),
    drawBar("ours", "this object", ours),
    drawBar("theirs", "a put per write", theirs),
  );
}
