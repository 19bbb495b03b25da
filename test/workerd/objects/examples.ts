// The examples' classes, as the examples export them.
export { Counter } from "../../../examples/counter/src/index.ts";
