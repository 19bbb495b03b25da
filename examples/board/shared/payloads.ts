// Checks of what tabs send, as Standard Schemas; any schema library would do in their place.
import type { Schema } from "@dormouse/do-runtime";

type Fields<T> = { readonly [Key in keyof T]: (value: unknown) => value is T[Key] };

/** An object with exactly these fields is what the payload has to be. */
export function fields<T extends object>(checks: Fields<T>): Schema<T> {
  return {
    "~standard": {
      version: 1,
      vendor: "board",
      validate(value) {
        const wrong = Object.keys(checks).filter((name) => {
          const check = checks[name as keyof T];
          return !check((value as Record<string, unknown> | null | undefined)?.[name]);
        });
        return wrong.length === 0
          ? { value: value as T }
          : {
              issues: wrong.map((name) => ({ message: "is missing or not what it should be", path: [name] })),
            };
      },
    },
  };
}

/** Text of at most `maxLength` characters, not only blanks. */
export const text =
  (maxLength: number) =>
  (value: unknown): value is string =>
    typeof value === "string" && value.length <= maxLength && value.trim() !== "";

/** Text of at most `maxLength` characters, or nothing. */
export const anyText =
  (maxLength: number) =>
  (value: unknown): value is string =>
    typeof value === "string" && value.length <= maxLength;

export const flag = (value: unknown): value is boolean => typeof value === "boolean";

/** A place in a list. */
export const place = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0;

export const oneOf =
  <T>(...values: T[]) =>
  (value: unknown): value is T =>
    values.includes(value as T);

/** A day as `<input type="date">` gives it, or "" for none. */
export const day = (value: unknown): value is string =>
  value === "" || (typeof value === "string" && !Number.isNaN(Date.parse(value)));
