// Why something else is ahead of the engine, or why a target is missed, by work. Written by hand, after looking.

const READ =
  "each hop asks a probe signal whether a consumer is running, and compares what it handed out before with the raw value; the limit does neither";
const WRITE =
  "a write compares with the value that is there, unwraps proxies, and looks for a signal and a claim; the limit only assigns";
const EFFECT = "each run of an effect reads the path through four proxies and five signals";
const SET =
  "the probe is asked before the raw Set is, and what isn't found is unwrapped; mobx keeps a Set of its own and asks only that";

/** By work, against another engine. */
export const REACTIVE_REASONS: Readonly<Record<string, string>> = {
  create:
    "a node with its handler is made for each object, and what is handed out is remembered; a lean Proxy shares one handler",
  "create-effect": "a signal for every property that was read, and two for the array's structure",
  "read-path": READ,
  "reread-path": READ,
  "rerun-250": READ,
  "write-leaf": WRITE,
  "write-held": WRITE,
  "write-1-effect": EFFECT,
  "write-100-effects": EFFECT,
  "batch-1000":
    "the first write of a signal in a batch makes a snapshot of it, and the effect reads index and field through two signals; mobx keeps the values in boxes of its own",
  "for-of": "the iterator asks for a node for each item that it hands out",
  "for-of-effect":
    "the iterator asks for a node for each item that it hands out, and the item's field is a signal",
  "map-filter": "each item is wrapped before the callback gets it",
  "map-filter-effect": "each item is wrapped before the callback gets it, and the item's field is a signal",
  "index-read": READ,
  "index-write": WRITE,
  "shift-push":
    "a plain pair takes about 50 ns; adopting the pushed object, the structure's signal and forgetting the one that left come on top",
  splice: "adopting what comes and forgetting what goes",
  includes: "the raw list is searched as well, once the argument is unwrapped",
  "map-set": "each value is adopted: unwrapped, at any depth, so that the raw tree never holds a proxy",
  "map-get": "the key is unwrapped, the probe asked, and the value's node looked up",
  "map-iterate": "an iterator of its own wraps each value that it hands out",
  "set-add": SET,
  "set-has": SET,
  "set-iterate":
    "an iterator of its own looks at each member, since one may be an object; mobx copies the members and iterates over the copy",
  json: "the proxy answers `toJSON` with the raw tree; that answer is all the difference",
  "dirty-mark": "the node remembers which key changed, and what was there before, for the patch",
  "dirty-flush-1":
    "besides marking and the walk down to the change, which do not depend on the size of the tree, it makes the path, the patch and the Map that `take()` returns",
  "memory-untracked":
    "one node an object, beside its Proxy; Vue has one handler for all of them and a WeakMap entry each, and pays at every read",
  "memory-effect":
    "a signal of `@preact/signals-core` takes 88 bytes and its link to a consumer 88 more; alien-signals' are smaller",
};

/** Why the one signal of `signals-by-hand` is ahead where an effect runs. */
export const ONE_SIGNAL_REASON =
  "each run of an effect reads the path through four proxies and five signals; the one written by hand reads one signal, and doesn't notice when something above the leaf is replaced. No engine behind proxies gets near: a bare Proxy that tracks nothing takes 4 to 5 times as long for the same reads and the write";
