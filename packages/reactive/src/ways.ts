import { ABSENT } from "./cells.js";
import type { Claim } from "./claim.js";
import type { Path } from "./patches.js";
import { isListed, keysOf, locate } from "./take.js";

/** Every place of `child` in `parent` but those in hidden properties. */
function placesIn(parent: Claim, child: Claim): unknown[] {
  const only = child.links === 1 ? locate(parent, child) : ABSENT;
  const keys = only === ABSENT ? keysOf(parent, child) : [only];
  return keys.filter((key) => typeof key !== "string" || isListed(parent, key));
}

function* stepsAbove(claim: Claim): Generator<readonly [Claim, unknown], undefined> {
  for (const parent of claim.parentsNow()) for (const key of placesIn(parent, claim)) yield [parent, key];
  return undefined;
}

/** Where much is shared or cyclic, there are more ways than anybody could look at or copy. */
const MAX_STEPS = 20_000;

/** Every way from `root` down to `claim` that passes nothing twice; a shortest one alone where finding all takes too many steps. */
export function waysBetween(root: Claim, claim: Claim): Path[] {
  if (claim === root) return [[]];
  const ways: Path[] = [];
  const passed = new Set([claim]);
  const climb = [{ claim, steps: stepsAbove(claim), key: undefined as unknown }];
  let count = 0;
  for (let top = climb.at(-1); top !== undefined; top = climb.at(-1)) {
    const step = top.steps.next();
    if (step.done === true) {
      passed.delete(top.claim);
      climb.pop();
      continue;
    }
    if (++count > MAX_STEPS) return shortestWay(root, claim);
    const [parent, key] = step.value;
    // The first of `climb` is where the way starts, and came by no key.
    if (parent === root)
      ways.push([
        key,
        ...climb
          .slice(1)
          .map((below) => below.key)
          .toReversed(),
      ]);
    else if (!passed.has(parent)) {
      passed.add(parent);
      climb.push({ claim: parent, steps: stepsAbove(parent), key });
    }
  }
  return ways;
}

function shortestWay(root: Claim, claim: Claim): Path[] {
  const ways = new Map<Claim, Path>([[claim, []]]);
  for (const [below, way] of ways) {
    if (below === root) return [way];
    for (const [parent, key] of stepsAbove(below)) if (!ways.has(parent)) ways.set(parent, [key, ...way]);
  }
  return [];
}
