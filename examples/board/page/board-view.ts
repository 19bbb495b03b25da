// The columns and their cards, and the two ways to move a card: with the keyboard and with the mouse.
import { type Card, type Column, findCard, placeBeside, type Step } from "../shared/model.ts";
import { element, onCommit, Scope } from "./dom.ts";
import type { Page } from "./page.ts";
import { dayOf, initialOf, isOverdue, summaryOf } from "./wording.ts";

/** Draws the columns into `parent`. */
export function drawColumns(parent: HTMLElement, page: Page, scope: Scope): void {
  scope.list(
    parent,
    () => page.mirror.state.value?.board.columns ?? [],
    (column, scope) => drawColumn(column, page, scope),
  );
}

function drawColumn(column: Column, page: Page, scope: Scope): HTMLElement {
  const headingId = `column-${column.id}`;
  const title = element("h2", { id: headingId, dir: "auto" });
  const count = element("span", { class: "count" });
  const cards = element("ul", { class: "cards", "aria-labelledby": headingId });
  const added = new Set<string>();
  const newCard = drawNewCard(column, page, added);
  const section = element(
    "section",
    { class: "column", "aria-labelledby": headingId, "data-column": column.id },
    element("header", {}, title, count),
    cards,
    newCard,
  );
  scope.text(title, () => column.title);
  scope.text(count, () => String(column.cards.length));
  scope.list(
    cards,
    () => column.cards,
    (card, scope) => drawCard(card, page, scope),
  );
  scope.effect(() => {
    const last = column.cards.at(-1);
    if (last === undefined || !added.delete(last.title)) return;
    // What was added here is shown, and the input under it, for the next one.
    queueMicrotask(() => {
      for (const shown of [cards.lastElementChild, newCard]) shown?.scrollIntoView({ block: "nearest" });
    });
  });
  receiveDrops(section, cards, column, page);
  return section;
}

/** The form for a new card; the titles it has sent are noted in `added`. */
function drawNewCard(column: Column, page: Page, added: Set<string>): HTMLElement {
  const input = element("input", {
    name: "title",
    "aria-label": `New card in ${column.title}`,
    placeholder: "Add a card",
    dir: "auto",
    maxlength: 160,
    autocomplete: "off",
    required: true,
    "data-focus": `new-${column.id}`,
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const title = input.value.trim();
    if (title !== "") {
      added.add(title);
      page.emit("addCard", { column: column.id, title });
    }
    input.value = "";
  };
  return element("form", { class: "new-card", submit }, input);
}

function drawCard(card: Card, page: Page, scope: Scope): HTMLElement {
  const title = element("span", { class: "card-title", dir: "auto" });
  // The link is named by the title; the rest is its description, in words.
  const tags = element("span", { class: "tags", "aria-hidden": "true" });
  const facts = element("span", { class: "facts", "aria-hidden": "true" });
  // A link, since Enter, a tap and the way back then do what everybody expects; and browsers let links be dragged.
  const link = element(
    "a",
    {
      href: `#card/${card.id}`,
      draggable: "true",
      "data-focus": `card-${card.id}`,
      keydown: (event: KeyboardEvent) => onCardKey(event, card, page),
      dragstart: (event: DragEvent) => event.dataTransfer?.setData(DRAGGED, card.id),
    },
    title,
    tags,
    facts,
  );
  scope.text(title, () => card.title);
  scope.list(
    tags,
    () => card.tags,
    (tag) => element("span", { class: "tag", dir: "auto" }, tag),
  );
  scope.effect(() => {
    link.setAttribute("aria-description", summaryOf(card));
    facts.replaceChildren(...factsOf(card));
  });
  return element("li", { class: "card", "data-card": card.id }, link);
}

function factsOf(card: Card): HTMLElement[] {
  const facts: HTMLElement[] = [];
  const add = (text: string, kind: string) => facts.push(element("span", { class: kind }, text));
  if (card.due !== null) add(dayOf(card.due), isOverdue(card) ? "due late" : "due");
  if (card.checklist.length > 0) {
    const done = card.checklist.filter((item) => item.done).length;
    add(`${done}/${card.checklist.length}`, done === card.checklist.length ? "progress all" : "progress");
  }
  if (card.cheers > 0) add(`♥ ${card.cheers}`, "cheers");
  if (card.members.size > 0) {
    const people = [...card.members].map(([name, role]) =>
      element("span", { class: `person ${role}`, title: `${name} ${role}` }, initialOf(name)),
    );
    facts.push(element("span", { class: "people" }, ...people));
  }
  return facts;
}

// --- moving ---

const DRAGGED = "application/x-dormouse-card";

const STEPS: Readonly<Record<string, Step>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

function onCardKey(event: KeyboardEvent, card: Card, page: Page): void {
  const step = STEPS[event.key];
  if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (event.shiftKey) {
    page.emit("stepCard", { card: card.id, step });
    return;
  }
  const state = page.mirror.state.peek();
  const from = state && findCard(state, card.id);
  const to = from && placeBeside(state, from, step);
  if (to === undefined) return;
  const target = to.column.cards[Math.min(to.index, to.column.cards.length - 1)];
  const name = target === undefined ? `new-${to.column.id}` : `card-${target.id}`;
  document.querySelector<HTMLElement>(`[data-focus="${CSS.escape(name)}"]`)?.focus();
}

function receiveDrops(section: HTMLElement, list: HTMLElement, column: Column, page: Page): void {
  const mark = (index: number | undefined) => {
    for (const child of list.children) child.classList.remove("drop-before");
    section.classList.toggle("drop-last", index !== undefined && index >= list.children.length);
    if (index !== undefined) list.children[index]?.classList.add("drop-before");
  };
  section.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes(DRAGGED) !== true) return;
    event.preventDefault();
    mark(indexAt(list, event.clientY));
  });
  section.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node) || !section.contains(event.relatedTarget)) mark(undefined);
  });
  section.addEventListener("drop", (event) => {
    mark(undefined);
    const id = event.dataTransfer?.getData(DRAGGED);
    if (id === undefined || id === "") return;
    event.preventDefault();
    const before = column.cards.findIndex((other) => other.id === id);
    const index = indexAt(list, event.clientY);
    // The card leaves its place first: what stood below it moves up.
    const place = before >= 0 && before < index ? index - 1 : index;
    page.emit("moveCard", { card: id, column: column.id, index: place });
  });
}

function indexAt(list: HTMLElement, y: number): number {
  const below = [...list.children].findIndex((child) => {
    const { top, height } = child.getBoundingClientRect();
    return y < top + height / 2;
  });
  return below < 0 ? list.children.length : below;
}

/** The board's own title, which is the tab's, too. */
export function drawTitle(input: HTMLInputElement, page: Page, scope: Scope): void {
  input.required = true;
  scope.value(input, () => page.mirror.state.value?.board.title ?? input.value);
  scope.effect(() => {
    const title = page.mirror.state.value?.board.title;
    if (title !== undefined) document.title = `${title} · dormouse`;
  });
  onCommit(input, (title) => page.emit("renameBoard", { title }));
}
