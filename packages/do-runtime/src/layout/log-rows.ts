import { SNAPSHOT_ROW } from "./log-snapshot.ts";
import { OWN_PREFIX } from "./rows.ts";

/** Flushes go to these rows in turn, so that a flush overwrites one that was folded and nothing has to be deleted. */
export const SLOTS = 32;

/** When that many slots are taken they are folded: the rest is for flushes made while the fold is being written. */
export const FOLD_AT = 28;

/** That many segments are read along with the slots, in the same call; more take another, so that one of the last two has to be there. */
export const FIRST_SEGMENTS = 5;

/** Short, since each flush pays for it. */
export const slotRowOf = (slot: number): string => `${OWN_PREFIX}${slot}`;

export const SEGMENT_PREFIX = `${OWN_PREFIX}seg:`;

/** Folded slots, and flushes too large for a slot. */
export const segmentRowOf = (segment: number): string => SEGMENT_PREFIX + String(segment).padStart(8, "0");

/** The rows that the log is mostly in, so that they can be read together with the keys. */
export const FIRST_LOG_ROWS: readonly string[] = [
  SNAPSHOT_ROW,
  ...Array.from({ length: SLOTS }, (_, slot) => slotRowOf(slot)),
  ...Array.from({ length: FIRST_SEGMENTS }, (_, segment) => segmentRowOf(segment)),
];

/** A piece of bytes that are larger than a row. */
export interface Piece {
  readonly sequence: number;
  readonly part: number;
  readonly parts: number;
  readonly bytes: Uint8Array;
}

/** Whether a row holds what one of ours would. */
export function isPiece(stored: unknown): stored is Piece {
  if (typeof stored !== "object" || stored === null) return false;
  const { sequence, part, parts, bytes } = stored as Partial<Piece>;
  return [sequence, part, parts].every(Number.isSafeInteger) && bytes instanceof Uint8Array;
}

/** The pieces, one after the other. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
