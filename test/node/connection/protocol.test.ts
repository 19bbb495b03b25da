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

const parseError = (rest: object) => parseServerFrame(JSON.stringify({ type: "error", ...rest }));

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

  it("[W2] JSON that has no event's name is refused", () => {
    const texts = ["1", "null", '"x"', "[]", '["type"]', "{}", '{"type":1}', '{"type":null}', '{"type":{}}'];

    expect(texts.map((text) => parseClientFrame(text, 100))).toEqual(
      texts.map(() => expect.objectContaining({ kind: "refused", code: "BAD_FRAME" })),
    );
  });

  it("[W3] a channel is told, where it is one, and data that there is none of are left out", () => {
    const channels = [
      '{"type":"e","channel":"c","data":1}',
      '{"type":"e","channel":5,"data":1}',
      encodeClientEvent("e", undefined),
    ].map((text) => parseClientFrame(text, 100));
    const events = ['"c"', "5"].map((channel) =>
      parseServerFrame(`{"type":"event","channel":${channel},"data":{"type":"e"}}`),
    );

    expect(channels).toEqual([
      { kind: "event", event: "e", data: 1, channel: "c" },
      { kind: "event", event: "e", data: 1, channel: "default" },
      { kind: "event", event: "e", data: undefined, channel: "default" },
    ]);
    expect(events).toMatchObject([{ channel: "c" }, { channel: "default" }]);
    expect(encodeClientEvent("e", undefined)).toBe('{"type":"e"}');
  });

  it("[W2] an error's frame is read as far as it is one", () => {
    expect(parseError({ code: "BAD_JSON", message: "m", event: "e" })).toEqual({
      kind: "error",
      error: { code: "BAD_JSON", message: "m", event: "e" },
    });
    expect(parseError({ code: "NEW", message: 5, event: 7 })).toEqual({
      kind: "error",
      error: { code: "NEW", message: "" },
    });
    expect(parseError({ code: 5 })).toEqual({ kind: "unknown" });
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
      // Three bytes a UTF-16 unit, the most there are.
      {
        numRuns: RUNS,
        examples: [
          ["€".repeat(40), 119],
          ["€".repeat(40), 120],
        ],
      },
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
      '{"type":"event","data":[]}',
      '{"type":"event","data":{"type":1}}',
      undefined,
    ];

    expect(frames.map((frame) => parseServerFrame(frame).kind)).toEqual(frames.map(() => "unknown"));
  });
});

describe("the names of objects", () => {
  const name = fc.array(fc.constantFrom("user:", "room:", "a", "")).map((parts) => parts.join(""));
  /** A user has a name, a room may be named "". */
  const user = fc.tuple(name, fc.constantFrom("user:", "room:", "a")).map((parts) => parts.join(""));

  it("[C15] a user without a name is refused", () => {
    expect(() => userObjectName("")).toThrow(/the name that begins with "" is empty; give another one/);
  });

  it("[C16] no user's object is a room's, nor another user's", () => {
    fc.assert(
      fc.property(user, user, name, (one, other, room) => {
        expect(identify(userObjectName(one))).toEqual({ kind: "user", userId: one });
        expect(identify(roomObjectName(room))).toEqual({ kind: "room", room });
        expect(userObjectName(one) === roomObjectName(room)).toBe(false);
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
