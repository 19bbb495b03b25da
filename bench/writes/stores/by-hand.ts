// The best that can be written by hand: plain objects, and at the end of a turn one put with only the records that changed.
import type { Store } from "./store.ts";

export const byHand: Store = {
  name: "by-hand",
  title: "hand-written",
  open: async (storage, workload) => {
    const state = workload.initial();
    return {
      state,
      sees: () => true,
      endTurn(index) {
        const rows = workload.byHand(index, state);
        if (Object.keys(rows).length > 0) void storage.put(rows);
      },
    };
  },
};
