// From the Worker to the user's object: who connects is found out once, and handed over where no client can write.
import { isMeta } from "./attachment.ts";
import { ConnectionError } from "./connection-error.ts";
import type { Connection, ConnectionMeta } from "./definition.ts";
import { describe } from "./errors.ts";
import { checkName } from "./object-names.ts";

/** `request.cf` is set by the platform and by Workers; a client has no way to put anything there, as it has with headers and the URL. */
const CF_KEY = "dormouseMeta";

/**
 * Asks the program who connects; where it has no `extractMeta`, it is the given user.
 *
 * @throws ConnectionError with code INVALID_META or INVALID_NAME, or what `extractMeta` throws.
 */
export async function askForMeta(
  connection: Pick<Connection, "extractMeta" | "settings">,
  request: Request,
  userId: string = crypto.randomUUID(),
): Promise<ConnectionMeta> {
  if (connection.extractMeta === undefined) {
    return { userId: checkName(userId), clientId: crypto.randomUUID(), channels: ["default"] };
  }
  const meta: unknown = await connection.extractMeta(request);
  if (isMeta(meta)) return meta;
  throw new ConnectionError(
    "INVALID_META",
    `extractMeta of "${connection.settings.name}" returned ${describe(meta)} without a userId that is a string and not empty; return at least { userId: string }`,
  );
}

/**
 * The request for the user's object, with the metadata that `extractMeta` returned.
 *
 * @throws ConnectionError with code INVALID_META.
 */
export async function handOver(request: Request, meta: ConnectionMeta): Promise<Request> {
  return new Request(request, { cf: { ...request.cf, [CF_KEY]: await toText(meta) } });
}

/** The metadata, where the Worker found them out already. */
export async function handedOverMeta(request: Request): Promise<ConnectionMeta | undefined> {
  const text: unknown = request.cf?.[CF_KEY];
  if (typeof text !== "string") return undefined;
  const { decode } = await import("./layout/seldom.ts");
  const meta = decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
  return isMeta(meta) ? meta : undefined;
}

/** `cf` travels as JSON, which would make a string of a Date: the metadata are to be what the socket's attachment would keep of them. */
async function toText(meta: ConnectionMeta): Promise<string> {
  const { encode } = await import("./layout/seldom.ts");
  let bytes: Uint8Array;
  try {
    bytes = encode(structuredClone(meta));
  } catch (cause) {
    throw new ConnectionError(
      "INVALID_META",
      "the metadata holds something no structured clone keeps (a function, a promise); keep plain values there",
      { cause },
    );
  }
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
