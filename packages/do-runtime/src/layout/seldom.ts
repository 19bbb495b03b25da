// What most objects never need, behind one import: the log, values in parts, migrations, what Verani has left, metadata from the Worker, wrong options, a record that can't be read.
export { foldLog } from "./fold.ts";
export { LogLayout } from "./log.ts";
export { applyLog } from "./log-apply.ts";
export { readLog } from "./log-read.ts";
export { FIRST_LOG_ROWS } from "./log-rows.ts";
export { migrate } from "./migrate.ts";
export { readParts } from "./parts-read.ts";
export { decode } from "../values/decode.ts";
export { encode } from "../values/encode-bytes.ts";
export { metaError, wrongMeta } from "./wrong-meta.ts";
export { warnOfSecond, warnOfUnset, wrongOption } from "./wrong-option.ts";
export { parseVerani, veraniKeys } from "./verani.ts";
