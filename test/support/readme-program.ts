// #region program
import { effect, reactive, trackDirty, watch } from "@dormouse/reactive";

const state = reactive({ cards: [{ title: "milk", done: false }], seen: new Set<string>() });
const tracker = trackDirty(state);
effect(() => console.log(state.cards.filter((card) => !card.done).length, "to do"));
watch(state, (patches) => console.log(JSON.stringify(patches)));

state.cards.push({ title: "bread", done: false });
for (const card of state.cards) card.done = true;
state.seen.add("milk");

console.log([...tracker.take().keys()]);
// #endregion
