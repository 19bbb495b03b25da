// What both sides of the test's connection agree on.
import { defineContract, payload } from "@dormouse/do-runtime/client";

export const contract = defineContract({
  client: {
    message: payload<{ text: string }>(),
    drop: payload<undefined>(),
    unknownToServer: payload<undefined>(),
  },
  server: {
    welcome: payload<{ count: number }>(),
    message: payload<{ text: string; number: number }>(),
    list: payload<number[]>(),
  },
});
