/** How many runs a property gets: 1,000 in CI; `npm run test:long` asks for more. */
export const RUNS = Number(
  (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[
    "DORMOUSE_RUNS"
  ] ?? 1000,
);
