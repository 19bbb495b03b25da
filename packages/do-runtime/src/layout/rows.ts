/** Each persisted key has a row of its own, named as Verani names it, with the value itself in it. */
export const KEY_PREFIX = "_verani_persist:";

/** Everything that is not a key's value: what it is for stands after the prefix. */
export const OWN_PREFIX = "_dormouse:";

export const META_ROW = `${OWN_PREFIX}meta`;

export const rowOf = (key: string): string => KEY_PREFIX + key;

/** Rows to write and to delete together, all of them or none. */
export interface Batch {
  /** By row, as `storage.put` takes them. */
  readonly puts: Record<string, unknown>;
  readonly deletes: Set<string>;
}

export const newBatch = (): Batch => ({ puts: {}, deletes: new Set() });

/** How many rows a batch writes and deletes. */
export const countRows = ({ puts, deletes }: Batch): number => Object.keys(puts).length + deletes.size;
