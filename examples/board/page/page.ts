// What every part of the page may ask of it.
import type { InputOf } from "@dormouse/do-runtime";
import type { events } from "../shared/events.ts";
import type { Mirror } from "./mirror.ts";

type ClientEvents = (typeof events)["client"];

export interface Page {
  readonly mirror: Mirror;
  /** Tells the object what somebody did; nothing changes here until it answers. */
  emit<E extends keyof ClientEvents>(event: E, payload: InputOf<ClientEvents[E]>): void;
  /** Says something to those who don't see the page. */
  say(text: string): void;
  /** Says something to everybody, for some seconds. */
  tell(text: string): void;
}
