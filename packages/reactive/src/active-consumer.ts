import { computed, signal, type Signal } from "@preact/signals-core";

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

function calibrate(): LinkFields | undefined {
  const sample = signal(0);
  const before = own(sample);
  let during: Fields = before;
  const consumer = computed(() => {
    during = sample.value === 0 ? own(sample) : before;
    return 0;
  });
  const result = consumer.value;
  const after = own(sample);
  const changed = Object.keys(during).filter((name) => during[name] !== before[name]);
  const [link] = changed;
  if (result !== 0 || changed.length !== 1 || link === undefined) return undefined;
  const value = during[link];
  if (
    before[link] !== undefined ||
    after[link] !== undefined ||
    typeof value !== "object" ||
    value === null
  ) {
    return undefined;
  }
  const target = Object.keys(value).find((name) => (value as Fields)[name] === consumer);
  return target === undefined ? undefined : { link, target };
}

const fields = calibrate();
const link = fields?.link ?? "";
const target = fields?.target ?? "";

/** Whether a consumer is running that `probe` can tell of; reading the probe makes it one dependency of that consumer. */
export function isConsumed(probe: Signal<number>): boolean {
  void probe.value;
  return (probe as unknown as Fields)[link] !== undefined || fields === undefined;
}

/** Whether the consumer running now has read `candidate` in this run. `probe` must have been read before. */
export function hasRead(candidate: Signal<unknown> | undefined, probe: Signal<number>): boolean {
  if (candidate === undefined || fields === undefined) return false;
  const ours = (probe as unknown as Fields)[link] as Fields | undefined;
  const theirs = (candidate as unknown as Fields)[link] as Fields | undefined;
  return ours !== undefined && theirs !== undefined && ours[target] === theirs[target];
}
