import { defineContract, payload } from "@dormouse/do-runtime";
import * as v from "valibot";

/** The events of both directions; the client imports them from here too. */
export const events = defineContract({
  // What clients send is validated. Any Standard Schema does it: Valibot, Zod, ArkType, your own.
  client: {
    sign: v.object({ text: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(280)) }),
  },
  // What the server sends is its own; a type is enough.
  server: {
    signed: payload<{ by: string; text: string; number: number }>(),
  },
});
