/** What hooks saw, by the object's or the user's name: module state, so that it outlives evictions. */
export const seen = new Map<string, string[]>();

export function see(name: string | undefined, what: string): void {
  seen.set(name ?? "", [...(seen.get(name ?? "") ?? []), what]);
}
