/** What a transaction has to know to take everything back. */
export interface Journal {
  /** Called before the content of a node changes. */
  beforeWrite(node: object): void;
  /** Adds what takes a single further step back. */
  onRollback(undo: () => void): void;
  /** Called before what is marked on a claim changes. */
  beforeMark(claim: object): void;
}

/**
 * The transaction that runs now. Like the running batch of signals-core it belongs to the call stack and to no tree: a
 * write to any tree is part of it.
 */
export const running: { transaction: Journal | undefined } = { transaction: undefined };
