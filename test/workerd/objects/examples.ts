// The classes of the examples and of the documentation, as they are exported there.
export { Guest } from "../../../examples/contract/src/index.ts";
export { Counter } from "../../../examples/counter/src/index.ts";
export { Profile } from "../../../examples/migration/src/index.ts";
export {
  Channel,
  Guarded,
  Lobby,
  Notebook,
  Player,
  SharedPlan,
  Timer,
} from "../docs/connections-and-rooms.ts";
export { ChatRoom as DocstringRoom, UserConnection as DocstringConnection } from "../docs/docstrings.ts";
