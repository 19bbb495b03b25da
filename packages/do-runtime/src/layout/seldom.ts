// What most objects never need, behind one import: the log, values in parts, migrations, what Verani has left.
export { foldLog } from "./fold.ts";
export { LogLayout } from "./log.ts";
export { readLog, replay } from "./log-read.ts";
export { migrate } from "./migrate.ts";
export { readParts } from "./parts-read.ts";
export { veraniKeys } from "./verani.ts";
