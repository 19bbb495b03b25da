// #region counter
import { Actor, Persist } from "@cloudflare/actors";

export class Counter extends Actor<object> {
  @Persist visits = 0;

  async visit() {
    return ++this.visits;
  }
}
// #endregion
