import { effect } from "@dormouse/reactive";

/** Runs `read` in an effect and returns what it saw, run by run. */
export function follow<T>(read: () => T): T[] {
  const seen: T[] = [];
  effect(() => {
    seen.push(read());
  });
  return seen;
}
