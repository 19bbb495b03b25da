// What the engine has to show, each as a ratio within one run. "best-peer" is the best engine that tracks reads and hands
// out tracked values; a limit is the number the ratio may not pass. Hand-written signals are those that notice what an engine notices, a signal
// at every level: four times a single signal for the leaf would be less time than the bare Proxy takes for the same reads and the write.

export interface Target {
  readonly work: string;
  readonly against: "best-peer" | "bare-proxy" | "plain" | "signals-every-level" | "vue" | "absolute";
  readonly max: number;
  /** For "absolute": what is measured. */
  readonly unit?: string;
}

export const TARGETS: readonly Target[] = [
  { work: "read-path", against: "bare-proxy", max: 1.1 },
  { work: "read-path", against: "best-peer", max: 0.65 },
  { work: "reread-path", against: "bare-proxy", max: 1.15 },
  { work: "reread-path", against: "best-peer", max: 0.65 },
  { work: "rerun-250", against: "bare-proxy", max: 1.7 },
  { work: "rerun-250", against: "best-peer", max: 0.75 },
  { work: "create", against: "bare-proxy", max: 0.6 },
  { work: "write-leaf", against: "bare-proxy", max: 1.2 },
  { work: "write-held", against: "bare-proxy", max: 1.8 },
  { work: "write-held", against: "best-peer", max: 0.7 },
  { work: "for-of", against: "bare-proxy", max: 0.45 },
  { work: "for-of-effect", against: "bare-proxy", max: 0.45 },
  { work: "map-filter", against: "bare-proxy", max: 0.45 },
  { work: "map-filter-effect", against: "bare-proxy", max: 0.45 },
  { work: "push", against: "bare-proxy", max: 0.3 },
  { work: "index-read", against: "bare-proxy", max: 1.2 },
  { work: "index-read", against: "best-peer", max: 1 },
  { work: "index-write", against: "bare-proxy", max: 1.2 },
  { work: "index-write", against: "best-peer", max: 1 },
  { work: "shift-push", against: "plain", max: 8 },
  { work: "splice", against: "plain", max: 3 },
  { work: "includes", against: "plain", max: 1.5 },
  { work: "json", against: "plain", max: 1.1 },
  { work: "write-1-effect", against: "signals-every-level", max: 4 },
  { work: "write-100-effects", against: "signals-every-level", max: 2.7 },
  { work: "batch-1000", against: "best-peer", max: 0.95 },
  { work: "map-set", against: "vue", max: 0.5 },
  { work: "map-get", against: "best-peer", max: 0.8 },
  { work: "map-iterate", against: "best-peer", max: 0.8 },
  { work: "set-iterate", against: "best-peer", max: 0.8 },
  { work: "set-add", against: "best-peer", max: 0.8 },
  { work: "set-has", against: "best-peer", max: 1 },
  { work: "dirty-mark", against: "absolute", max: 3, unit: "ns a write" },
  { work: "dirty-flush-1", against: "absolute", max: 300, unit: "ns a flush" },
  { work: "memory-untracked", against: "absolute", max: 25, unit: "bytes a property (250 an object of ten)" },
  { work: "memory-effect", against: "absolute", max: 260, unit: "bytes a property" },
];
