// From the Worker to the user's object: who connects is found out once, and handed over where no client can write.
import { isMeta } from "./attachment.ts";
import type { ConnectionMeta } from "./definition.ts";

/** `request.cf` is set by the platform and by Workers; a client has no way to put anything there, as it has with headers and the URL. */
const CF_KEY = "dormouseMeta";

/** The request for the user's object, with the metadata that `extractMeta` returned. */
export function handOver(request: Request, meta: ConnectionMeta): Request {
  return new Request(request, { cf: { ...request.cf, [CF_KEY]: meta } });
}

/** The metadata, where the Worker found them out already. */
export function handedOverMeta(request: Request): ConnectionMeta | undefined {
  const meta: unknown = request.cf?.[CF_KEY];
  return isMeta(meta) ? meta : undefined;
}
