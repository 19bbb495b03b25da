// The class that docs/inspector.md shows.
// #region guard
import { type ConnectionMeta, createConnectionHandler, defineConnection } from "@dormouse/do-runtime";
import { isSecret } from "@dormouse/do-runtime/inspector";

const journal = defineConnection<ConnectionMeta, Env>({
  name: "Journal",
  inspect: true,
  inspectGuard: (request, env) => isSecret(new URL(request.url).searchParams.get("token"), env.INSPECT_TOKEN),
});

export const Journal = createConnectionHandler(journal);
// #endregion
