/** A value as Verani stored it: JSON in a string. What is no string was put there by hand, and counts as it is. */
export function parseVerani(stored: unknown): unknown {
  return typeof stored === "string" ? JSON.parse(stored) : stored;
}
