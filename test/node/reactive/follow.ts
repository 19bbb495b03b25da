import { effect } from "@dormouse/reactive";
import { expect } from "vitest";

/** Runs `read` in an effect and returns what it saw, run by run. */
export function follow<T>(read: () => T): T[] {
  const seen: T[] = [];
  effect(() => {
    seen.push(read());
  });
  return seen;
}

/** How often `read` runs again because of `change`. */
export function rerunsOf(read: () => unknown, change: () => void): number {
  const seen = follow(read);
  change();
  return seen.length - 1;
}

/** Something that is read, what changes it, and what the reader has seen in the end. */
export interface Followed {
  readonly read: () => unknown;
  readonly changes: readonly (() => unknown)[];
  readonly seen: readonly unknown[];
}

export type FollowedCase = [name: string, start: () => Followed];

export function expectFollowed(start: () => Followed): void {
  const { read, changes, seen } = start();
  const found = follow(read);
  for (const change of changes) change();

  expect(found).toEqual(seen);
}
