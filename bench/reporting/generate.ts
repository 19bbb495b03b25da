// Makes the report again: `npm run bench:report`
import { installPeers } from "../harness/peers.ts";

installPeers();
// The charts are drawn by a package that is one of them.
const { writeReport } = await import("./write-report.ts");
writeReport();
