// The chat.
import { element, type Scope } from "./dom.ts";
import type { Page } from "./page.ts";
import { timeOf } from "./wording.ts";

/** Draws the messages, and sends what is typed. */
export function drawChat(list: HTMLElement, form: HTMLFormElement, page: Page, scope: Scope): void {
  scope.list(
    list,
    () => page.mirror.state.value?.chat ?? [],
    ({ from, text, at }) =>
      element(
        "li",
        {},
        element("b", { dir: "auto" }, from),
        " ",
        element("span", { class: "words", dir: "auto" }, text),
        " ",
        element("time", { datetime: at.toISOString() }, timeOf(at)),
      ),
  );
  scope.effect(() => {
    list.classList.toggle("empty", page.mirror.state.value?.chat.length === 0);
  });

  const input = form.elements.namedItem("text");
  if (!(input instanceof HTMLInputElement)) throw new Error("index.html has no input for messages");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text !== "") page.emit("say", { text });
    input.value = "";
    // The end is where this list's scrolling begins.
    list.parentElement?.scrollTo({ top: 0 });
  });
}
