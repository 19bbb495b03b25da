// A loop of known work, to tell whether the machine ran at full speed just now. It is WebAssembly, so that no feedback
// of the program under test can make the engine compile it differently.

// (module (func (export "spin") (param $n i32) (result i32) (local $x i32)
//   (loop $l
//     local.get $x  i32.const 1664525  i32.mul  i32.const 1013904223  i32.add  local.set $x
//     local.get $n  i32.const 1  i32.sub  local.tee $n  br_if $l)
//   local.get $x))
const MODULE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x03, 0x02,
  0x01, 0x00, 0x07, 0x08, 0x01, 0x04, 0x73, 0x70, 0x69, 0x6e, 0x00, 0x00, 0x0a, 0x25, 0x01, 0x23, 0x01, 0x01,
  0x7f, 0x03, 0x40, 0x20, 0x01, 0x41, 0x8d, 0xcc, 0xe5, 0x00, 0x6c, 0x41, 0xdf, 0xe6, 0xbb, 0xe3, 0x03, 0x6a,
  0x21, 0x01, 0x20, 0x00, 0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x20, 0x01, 0x0b,
]);

const LOOP_MICROSECONDS = 40;
/** A loop that took this much longer than the fastest one seen was disturbed. */
const FULL_SPEED = 1.06;

export interface ReferenceLoop {
  /** Runs the loop once and tells whether the machine ran it at full speed. */
  atFullSpeed(): boolean;
}

/** Calibrates the loop for this process; takes about 20 ms. */
export function createReferenceLoop(): ReferenceLoop {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE));
  const spin = exports["spin"];
  if (typeof spin !== "function") throw new Error("[bench] the reference loop has no export `spin`");

  const time = (count: number): number => {
    const start = performance.now();
    spin(count);
    return performance.now() - start;
  };

  // Long enough for the optimising tier, whose code every later call runs.
  for (let i = 0; i < 50; i++) time(20_000);
  let perIteration = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 50; i++) perIteration = Math.min(perIteration, time(20_000) / 20_000);
  const count = Math.max(1_000, Math.round(LOOP_MICROSECONDS / 1_000 / perIteration));

  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 100; i++) fastest = Math.min(fastest, time(count));

  return {
    atFullSpeed() {
      const duration = time(count);
      if (duration < fastest) fastest = duration;
      return duration <= fastest * FULL_SPEED;
    },
  };
}
