import { beforeEach, vi } from "vitest";
// #region seam
import { persisted, PersistError, type Storage } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it } from "vitest";

const openAccount = (storage: Storage) =>
  persisted(storage, {
    state: { balance: 100, transfers: [] as { to: string; amount: number }[] },
    persistOptions: { shallow: false },
  });

type Account = Awaited<ReturnType<typeof openAccount>>;

function transfer({ state }: Account, to: string, amount: number) {
  state.balance -= amount;
  state.transfers.push({ to, amount });
}
// #endregion

// Failures that are asked for need not be printed.
beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

// #region restart
it("remembers a transfer", async () => {
  const storage = memoryStorage();
  const account = await openAccount(storage);

  transfer(account, "ada", 30);
  await account.flush();

  const woken = await openAccount(storage.restart());
  expect(woken.state).toEqual({ balance: 70, transfers: [{ to: "ada", amount: 30 }] });
  expect(storage.counts.puts).toBe(1);
});
// #endregion

// #region power
it("is never torn, wherever the power goes", async () => {
  for (const operations of [0, 1, 2, 3, 4]) {
    const storage = memoryStorage();
    const account = await openAccount(storage);
    storage.cutPowerAfter(operations);

    transfer(account, "ada", 30);
    await account.flush().catch(() => undefined);

    const { state } = await openAccount(storage.restart());
    expect([100, 70]).toContain(state.balance);
    expect(state.transfers.length).toBe(state.balance === 70 ? 1 : 0);
  }
});
// #endregion

// #region faults
it("tells that a transfer is not saved, and saves it with the next", async () => {
  const storage = memoryStorage();
  const account = await openAccount(storage);
  storage.failWhen(({ method }) => method === "put");

  transfer(account, "ada", 30);
  await expect(account.flush()).rejects.toThrow(PersistError);

  storage.failWhen(() => false);
  await account.flush();
  expect((await openAccount(storage.restart())).state.balance).toBe(70);
});
// #endregion
