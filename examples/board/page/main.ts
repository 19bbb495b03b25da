// The page: its parts, put together.
import { createClient } from "@dormouse/do-runtime/client";
import { events } from "../shared/events.ts";
import { findCard } from "../shared/model.ts";
import { drawColumns, drawTitle } from "./board-view.ts";
import { followAddress } from "./card-dialog.ts";
import { drawChat } from "./chat-view.ts";
import { byId, keepingFocus, onCommit, retold, Scope } from "./dom.ts";
import { InspectorView } from "./inspector-view.ts";
import { Mirror } from "./mirror.ts";
import type { Page } from "./page.ts";

const board = new URLSearchParams(location.search).get("board") || "demo";
const query = `board=${encodeURIComponent(board)}`;

const NAMES = ["Hazel", "Moss", "Wren", "Juniper", "Sorrel", "Bramble", "Fern", "Rowan"];
// A name a tab, kept when the tab is loaded again.
const myName = () => (sessionStorage["name"] ??= NAMES[Math.floor(Math.random() * NAMES.length)]) as string;

const mirror = new Mirror();
const scope = new Scope();
const inspector = new InspectorView(`/ws/inspect?${query}`, {
  meter: byId("meter", HTMLElement),
  inspection: byId("inspection", HTMLElement),
});

const client = createClient(
  () => `${location.origin.replace("http", "ws")}/ws?${query}&name=${encodeURIComponent(myName())}`,
  { events, minReconnectDelayMs: 200 },
);
client.onStatus((status) => {
  if (status === "open") mirror.waiting.value = 0;
  else mirror.lose();
  mirror.link.value = status;
});
client.on("board", ({ state, number }) => {
  keepingFocus(() => mirror.replace(state, number));
  retold.value++;
  void inspector.refresh();
});
client.on("patches", ({ patches, number, perWrite }) => {
  inspector.add(perWrite);
  if (!keepingFocus(() => mirror.apply(patches, number))) client.emit("all", {});
  void inspector.refresh();
});
client.on("moved", ({ card }) => {
  const state = mirror.state.peek();
  const place = state && findCard(state, card);
  if (place) page.say(`${place.card.title}: moved to ${place.column.title}, place ${place.index + 1}`);
});
client.on("tabs", ({ count }) => {
  mirror.tabs.value = count;
  void inspector.refresh();
});
client.onError(({ message }) => {
  retold.value++;
  tell(message);
});
// A socket doesn't notice by itself that the network is gone, or back. Where the object is on this machine, it is reached without one.
for (const change of ["offline", "online"]) addEventListener(change, () => client.reconnect());

const told = byId("told", HTMLElement);
let hideTold: ReturnType<typeof setTimeout> | undefined;
function tell(message: string): void {
  told.textContent = message;
  // Above an open card, too, which on a phone takes the whole screen.
  told.hidePopover();
  told.showPopover();
  clearTimeout(hideTold);
  hideTold = setTimeout(() => told.hidePopover(), 6000);
}

const said = byId("said", HTMLElement);
const page: Page = {
  mirror,
  emit(event, payload) {
    if (client.emit(event, payload) === "queued") mirror.waiting.value++;
  },
  say(text) {
    said.textContent = text;
  },
  tell,
};

drawTitle(byId("title", HTMLInputElement), page, scope);
drawColumns(byId("columns", HTMLElement), page, scope);
drawChat(byId("messages", HTMLElement), byId("say", HTMLFormElement), page, scope);
followAddress(byId("detail", HTMLDialogElement), page, scope);

const status = byId("status", HTMLElement);
scope.effect(() => {
  const state = mirror.link.value;
  const count = mirror.tabs.value;
  status.dataset["state"] = state;
  const waiting = mirror.waiting.value;
  const tabs = count === 1 ? "1 tab" : `${count} tabs`;
  const without = waiting === 0 ? state : `${state}, ${waiting} to send`;
  // Once it is open, the object has yet to say how many there are.
  const isTold = count > 0;
  status.textContent =
    state === "open" ? (isTold ? tabs : "connecting") : state === "closed" ? "disconnected" : without;
});

const name = byId("name", HTMLInputElement);
name.required = true;
name.value = myName();
name.dataset["saved"] = name.value;
onCommit(name, (value) => {
  sessionStorage["name"] = value;
  page.emit("callMe", { name: value });
});

byId("applaud", HTMLButtonElement).addEventListener("click", () => page.emit("applaud", {}));
byId("reconnect", HTMLButtonElement).addEventListener("click", () => client.reconnect());
byId("crash", HTMLButtonElement).addEventListener("click", async () => {
  try {
    const { ok, status } = await fetch(`/crash?${query}`, { method: "POST" });
    tell(
      ok
        ? "The object crashed and its memory is gone; everything comes back from its storage."
        : `The Worker answers ${status}.`,
    );
  } catch {
    tell("The object can't be reached. Does the Worker still run?");
  }
});
byId("alone", HTMLAnchorElement).href = `/ws/inspect?${query}`;

// On a narrow screen one part is shown at a time.
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-show]")) {
  button.addEventListener("click", () => {
    document.body.dataset["view"] = button.dataset["show"];
    for (const other of document.querySelectorAll("[data-show]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  });
}
