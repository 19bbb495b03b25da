import { byHand } from "./by-hand.ts";
import { dormouseStores } from "./dormouse.ts";
import { perWriteStores } from "./per-write.ts";
import type { Store } from "./store.ts";

/** The stores that run from their own code; the peers from npm are Durable Object classes of their own. */
export const STORES: readonly Store[] = [byHand, ...dormouseStores, ...perWriteStores];

export function findStore(name: string): Store {
  const store = STORES.find((candidate) => candidate.name === name);
  if (!store)
    throw new Error(`[bench] no store "${name}"; there are ${STORES.map((known) => known.name).join(", ")}`);
  return store;
}
