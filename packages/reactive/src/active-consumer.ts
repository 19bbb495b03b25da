import { computed, effect, signal, type Signal } from "./signals.js";

/**
 * The own field that links a signal to the consumer running now, and the field of that link that names the consumer.
 *
 * `@preact/signals-core` doesn't say whether somebody is listening. While a consumer runs, though, every signal it
 * has read carries a link to it, and loses that link when the run ends. The fields' names are mangled, so we look which
 * they are: a lone computed sets exactly one field of the signal it reads. Should that ever stop being so, we
 * find nothing and every read counts as tracked, which is correct and only costs memory.
 */
interface LinkFields {
  readonly link: string;
  readonly target: string;
}

type Fields = Record<string, unknown>;

const own = (object: object): Fields => ({ ...object }) as Fields;

const changed = (before: Fields, now: Fields) =>
  Object.keys(now).filter((name) => now[name] !== before[name]);

function calibrate(): LinkFields | undefined {
  const sample = signal(0);
  const before = own(sample);
  let during: Fields = before;
  const consumer = computed(() => {
    void sample.value;
    during = own(sample);
  });
  void consumer.value;
  const after = own(sample);
  const [link, another] = changed(before, during);
  if (another !== undefined || link === undefined) return undefined;
  const value = during[link];
  if (before[link] !== undefined || after[link] !== undefined || !(value instanceof Object)) return undefined;
  const target = Object.keys(value).find((name) => (value as unknown as Fields)[name] === consumer);
  return target === undefined ? undefined : { link, target };
}

const fields = calibrate();
// "peek" is there whether somebody runs or not.
const link = fields?.link ?? "peek";
const target = fields?.target ?? "";

/**
 * What is read to learn whether a consumer runs: a signal that is never told who follows it, as it would hold every effect that was never
 * disposed. How signals are told is a method with a mangled name, so we look which one it is that leaves no trace when it does nothing.
 * Should there be none, the probe holds those effects, and all else is the same.
 */
function createProbe(): Signal<number> {
  const prototype: unknown = Object.getPrototypeOf(signal(0));
  for (const name of Object.keys(prototype as object)) {
    const candidate = signal(0);
    Object.defineProperty(candidate, name, { value: () => {} });
    const before = own(candidate);
    const dispose = effect(() => void candidate.value);
    const traces = changed(before, own(candidate));
    dispose();
    if (traces.length === 0) return candidate;
  }
  return signal(0);
}

const probe = createProbe();

/** Whether a consumer is running. Asking makes the probe one dependency of that consumer. */
export function isConsumed(): boolean {
  void probe.value;
  return (probe as unknown as Fields)[link] !== undefined;
}

/**
 * The field of a link that tells whether the signal was read in this run: when a consumer runs again, what it
 * read the last time is linked from the start, with the version -1 until it is read.
 */
function calibrateVersion({ link }: LinkFields): string | undefined {
  const sample = signal(0);
  const again = signal(0);
  let names: string[] = [];
  const consumer = computed(() => {
    const count = again.value;
    const before = { ...((sample as unknown as Fields)[link] as Fields | undefined) };
    void sample.value;
    const after = own((sample as unknown as Fields)[link] as object);
    names = Object.keys(before).filter((name) => before[name] === -1 && after[name] !== -1);
    return count;
  });
  void consumer.value;
  again.value = 1;
  void consumer.value;
  return names.length === 1 ? names[0] : undefined;
}

const version = fields && calibrateVersion(fields);

/** Whether the consumer running now has read `candidate` in this run; to be asked after `isConsumed`. */
export function hasRead(candidate: Signal<unknown> | undefined): boolean {
  if (version === undefined) return false;
  const ours = (probe as unknown as Fields)[link] as Fields;
  const theirs = (candidate as unknown as Fields | undefined)?.[link] as Fields | undefined;
  return theirs?.[target] === ours[target] && theirs?.[version] !== -1;
}
