import { ABSENT } from "../cells.js";
import { Node } from "../node.js";

/** The node of an object that is one value: handed out as it is, and only known for where it stands. */
export class OpaqueNode extends Node {
  protected override open(): object {
    return this.raw;
  }

  override eachChild(visit: (value: object, key: unknown) => void): void {
    // Views of one buffer share what they show; no path leads to it.
    if (ArrayBuffer.isView(this.raw)) visit(this.raw.buffer, ABSENT);
  }
}
