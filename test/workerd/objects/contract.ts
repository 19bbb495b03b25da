// A contract whose schema is written by hand: any Standard Schema fits.
import { defineContract, payload, type Schema } from "@dormouse/do-runtime";

const amount: Schema<{ amount: number }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    async validate(value) {
      const given: unknown =
        typeof value === "object" && value !== null && "amount" in value ? value.amount : undefined;
      if (typeof given === "number") return { value: { amount: given } };
      return { issues: [{ message: "expected a number", path: ["amount"] }] };
    },
  },
};

export const contract = defineContract({
  client: { add: amount },
  server: { total: payload<{ total: number }>() },
});
