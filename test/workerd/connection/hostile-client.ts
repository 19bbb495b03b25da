import { env } from "cloudflare:workers";
import { open, type TestSocket } from "./socket.ts";

export const connect = (user: string): Promise<TestSocket> =>
  open(env.HostileConnection.getByName(user), `?user=${user}`);

export const outcomeOf = async (call: Promise<unknown>) =>
  String(await call.catch((error: unknown) => error));

export const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));

export const settledWithin = <T>(promise: Promise<T>, delayMs = 3000): Promise<T | "still waiting"> =>
  Promise.race([
    promise,
    new Promise<"still waiting">((resolve) => setTimeout(() => resolve("still waiting"), delayMs)),
  ]);
