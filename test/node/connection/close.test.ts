import { describe, expect, it } from "vitest";
import { closeSocket } from "../../../packages/do-runtime/src/close.ts";

/** What a close sends, by the rules that the platform's sockets hold: they throw at others. */
function closed(code: number, reason: string): { code: number; reason: string } {
  let sent = { code: 0, reason: "" };
  closeSocket(
    { close: (code: number, reason: string) => (sent = { code, reason }) } as unknown as WebSocket,
    code,
    reason,
  );
  return sent;
}

describe("[C17] a close", () => {
  it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, Number.NaN])("sends 1000 for %d", (code) => {
    expect(closed(code, "").code).toBe(1000);
  });

  it.each([1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])("sends %d as it is", (code) => {
    expect(closed(code, "").code).toBe(code);
  });

  it.each(["x", "ü", "€", "😀"])("cuts a reason of %s at 123 bytes, at a whole character", (character) => {
    const { reason } = closed(1000, character.repeat(200));
    const bytes = new TextEncoder().encode(character).length;

    expect(reason).toBe(character.repeat(Math.floor(123 / bytes)));
    expect(closed(1000, character.repeat(20)).reason).toBe(character.repeat(20));
  });

  it("leaves a socket alone that is closed already", () => {
    const socket = {
      close: () => {
        throw new Error("closed before");
      },
    } as unknown as WebSocket;
    expect(() => closeSocket(socket, 1000, "")).not.toThrow();
  });
});
