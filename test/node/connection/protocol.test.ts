import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodeClientEvent,
  encodeEvent,
  parseClientFrame,
  parseServerFrame,
} from "../../../packages/do-runtime/src/protocol.ts";
import { identify, roomObjectName, userObjectName } from "../../../packages/do-runtime/src/object-names.ts";
import { RUNS } from "../../support/runs.ts";

/** JSON values without the key that never comes out of a payload. */
const json = fc
  .jsonValue()
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll("__proto__", "proto")) as unknown);
const plain = fc
  .dictionary(fc.string(), json)
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll("__proto__", "proto")) as object);

describe("frames", () => {
  it("[W3] every payload arrives as it was sent, from server to client", () => {
    fc.assert(
      fc.property(fc.string(), json, (event, payload) => {
        const frame = parseServerFrame(encodeEvent(event, payload));

        expect(frame).toEqual({ kind: "event", event, payload, channel: "default" });
      }),
      { numRuns: RUNS },
    );
  });

  it("[W3] and from client to server", () => {
    fc.assert(
      fc.property(
        fc.string().map((text) => `e${text}`),
        json,
        (event, data) => {
          const frame = parseClientFrame(encodeClientEvent(event, data), 1e9);

          expect(frame).toEqual({ kind: "event", event, data, channel: "default" });
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("[W3] a Verani client finds a plain payload's properties beside the event's name", () => {
    fc.assert(
      fc.property(plain, (payload) => {
        const { type: _type, ...expected } = payload as { type?: unknown };
        const { data } = JSON.parse(encodeEvent("e", payload)) as { data: { type: string } };

        expect(data.type).toBe("e");
        if (!Object.hasOwn(payload, "type"))
          expect({ ...data, type: undefined }).toEqual({ ...expected, type: undefined });
      }),
      { numRuns: RUNS },
    );
  });

  it("[W2] no text makes the server's parser throw, and what is no frame is refused", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          json.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const frame = parseClientFrame(text, 100);

          expect(["event", "ping", "refused"]).toContain(frame.kind);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("[W4] counts a message's bytes in UTF-8", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.integer({ min: 1, max: 120 }),
        (text, maxBytes) => {
          const frame = parseClientFrame(text, maxBytes);

          const isTooLarge = new TextEncoder().encode(text).length > maxBytes;
          expect(frame.kind === "refused" && frame.code === "MESSAGE_TOO_LARGE").toBe(isTooLarge);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("[W7] a server's frame that the client doesn't know is ignored", () => {
    const frames = [
      "{",
      "[]",
      "1",
      '{"type":"new"}',
      '{"type":"event"}',
      '{"type":"event","data":{}}',
      undefined,
    ];

    expect(frames.map((frame) => parseServerFrame(frame).kind)).toEqual(frames.map(() => "unknown"));
  });
});

describe("the names of objects", () => {
  const name = fc.array(fc.constantFrom("user:", "room:", "a", "")).map((parts) => parts.join(""));

  it("[C16] no user's object is a room's, nor another user's", () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(identify(userObjectName(one))).toEqual({ kind: "user", userId: one });
        expect(identify(roomObjectName(one))).toEqual({ kind: "room", room: one });
        expect(userObjectName(one) === roomObjectName(other)).toBe(false);
        expect(userObjectName(one) === userObjectName(other)).toBe(one === other);
      }),
      { numRuns: RUNS },
    );
  });

  it("[C16] other users' objects keep the plain id", () => {
    expect(["ada", "user:ada", "auth0|room:1", "Room:x"].map(userObjectName)).toEqual([
      "ada",
      "user:ada",
      "auth0|room:1",
      "Room:x",
    ]);
  });
});
