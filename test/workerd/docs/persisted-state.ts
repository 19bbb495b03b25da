// The class that docs/persisted-state.md shows.
import { DurableObject } from "cloudflare:workers";
import { persisted } from "@dormouse/do-runtime";
import { toRaw } from "@dormouse/reactive";

// #region hand-out
export class Larder extends DurableObject {
  #store = persisted(this.ctx.storage, {
    state: { shelves: [{ label: "nuts", best: new Date("2027-03-01") }], weights: new Map([["hazel", 40]]) },
    persistOptions: { shallow: false },
  });

  async shelves() {
    const { state } = await this.#store;
    return toRaw(state.shelves);
  }
}
// #endregion
