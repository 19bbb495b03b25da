import { persisted } from "@dormouse/do-runtime";
import type { Storage } from "@dormouse/do-runtime";
import type { Store } from "./store.ts";

function dormouse(layout: "keys" | "log", shallow: boolean): Store {
  return {
    name: `dormouse-${layout}${shallow ? "" : "-deep"}`,
    title: `dormouse, ${layout}, ${shallow ? "shallow" : "deep"}`,
    async open(storage, workload) {
      const { state } = await persisted(storage as Storage, {
        state: workload.initial,
        persistOptions: { shallow },
        layout,
      });
      return { state, sees: () => !shallow, endTurn() {} };
    },
  };
}

export const dormouseStores = [
  dormouse("keys", true),
  dormouse("keys", false),
  dormouse("log", true),
  dormouse("log", false),
];
