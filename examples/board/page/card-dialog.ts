// One card in full. Every nested thing in it can be changed here, and the card moved, without a mouse.
import { signal } from "@dormouse/reactive";
import { type Card, type ChecklistItem, findCard, placeBeside, type Role } from "../shared/model.ts";
import { element, onCommit, retold, type Scope } from "./dom.ts";
import type { Page } from "./page.ts";
import { dateInputOf } from "./wording.ts";

/** Opens the card that the address names: going back closes it, and a card can be linked to. */
export function followAddress(dialog: HTMLDialogElement, page: Page, scope: Scope): void {
  const openId = signal<string | undefined>(undefined);
  let lastPlace = { column: "", index: 0 };
  const readAddress = () => {
    openId.value = /^#card\/(.+)$/.exec(location.hash)?.[1];
  };
  const openCards = (): Card[] => {
    const state = page.mirror.state.value;
    const place = state && openId.value !== undefined ? findCard(state, openId.value) : undefined;
    if (place === undefined) return [];
    lastPlace = { column: place.column.id, index: place.index };
    return [place.card];
  };

  addEventListener("hashchange", readAddress);
  const leaveAddress = () => {
    history.replaceState(null, "", location.pathname + location.search);
    readAddress();
  };
  dialog.addEventListener("close", () => {
    const id = openId.peek();
    leaveAddress();
    if (id !== undefined) focusCard(id, lastPlace);
  });
  dialog.addEventListener("click", (event) => {
    // What is hit outside of the dialog's content is its backdrop.
    if (event.target === dialog) dialog.close();
  });
  readAddress();

  // One card or none: drawn anew only when it is another object.
  scope.list(dialog, openCards, (card, scope) => drawDetail(card, dialog, page, scope));
  scope.effect(() => {
    const isOpen = openCards().length > 0;
    if (isOpen && !dialog.open) dialog.showModal();
    // Not before the board is there: its first news must not close what the address opens.
    if (isOpen || page.mirror.state.value === undefined) return;
    if (openId.value !== undefined) page.tell("The card is gone.");
    if (dialog.open) dialog.close();
    else if (openId.value !== undefined) leaveAddress();
  });
}

/** The card in the column, or, where it has been removed, what stands in its place. */
function focusCard(id: string, { column, index }: { column: string; index: number }): void {
  const inColumn = `[data-column="${CSS.escape(column)}"]`;
  const others = document.querySelectorAll<HTMLElement>(`${inColumn} .card a`);
  const target =
    document.querySelector<HTMLElement>(`[data-focus="${CSS.escape(`card-${id}`)}"]`) ??
    others[Math.min(index, others.length - 1)] ??
    document.querySelector<HTMLElement>(`${inColumn} .new-card input`);
  target?.focus();
}

function drawDetail(card: Card, dialog: HTMLDialogElement, page: Page, scope: Scope): HTMLElement {
  const close = element(
    "button",
    { type: "button", class: "close", "aria-label": "Close", click: () => dialog.close() },
    "×",
  );
  const remove = element(
    "button",
    { type: "button", class: "danger", click: () => page.emit("removeCard", { card: card.id }) },
    "Remove the card",
  );
  const cheer = element("button", {
    type: "button",
    "data-focus": "cheer",
    click: () => page.emit("cheer", { card: card.id }),
  });
  scope.text(cheer, () => `♥ Cheer${card.cheers > 0 ? ` · ${card.cheers}` : ""}`);
  return element(
    "div",
    // The focus begins at the card as a whole: on a phone, in an input, it would bring up the keyboard.
    { class: "detail-body", tabindex: -1, autofocus: true },
    element("header", {}, drawTitle(card, page, scope), close),
    element("div", { class: "pair" }, drawPlace(card, page, scope), drawDue(card, page, scope)),
    drawNotes(card, page, scope),
    drawChecklist(card, page, scope),
    element("div", { class: "pair" }, drawTags(card, page, scope), drawMembers(card, page, scope)),
    element("footer", {}, cheer, remove),
  );
}

function drawTitle(card: Card, page: Page, scope: Scope): HTMLElement {
  const input = element("input", {
    id: "detail-title",
    class: "quiet",
    "aria-label": "Title of the card",
    dir: "auto",
    maxlength: 160,
    autocomplete: "off",
    required: true,
    "data-focus": "detail-title",
  });
  scope.value(input, () => card.title);
  onCommit(input, (title) => page.emit("setTitle", { card: card.id, title }));
  return input;
}

function drawPlace(card: Card, page: Page, scope: Scope): HTMLElement {
  const select = element("select", { "aria-label": "Column", "data-focus": "detail-column" });
  const place = () => {
    const state = page.mirror.state.value;
    return state === undefined ? undefined : findCard(state, card.id);
  };
  const columns = () => page.mirror.state.value?.board.columns ?? [];
  scope.list(select, columns, (column, scope) => {
    const option = element("option", { value: column.id });
    scope.text(option, () => column.title);
    return option;
  });
  scope.effect(() => {
    void retold.value;
    select.value = place()?.column.id ?? "";
  });
  select.addEventListener("change", () => {
    const column = columns().find(({ id }) => id === select.value);
    if (column !== undefined)
      page.emit("moveCard", { card: card.id, column: column.id, index: column.cards.length });
  });
  const stepper = (step: "up" | "down", sign: string) => {
    const button = element(
      "button",
      {
        type: "button",
        "aria-label": `Move ${step}`,
        "data-focus": `detail-${step}`,
        click: () => page.emit("stepCard", { card: card.id, step }),
      },
      sign,
    );
    // Not `disabled`: that would take the focus from who moves a card to the end.
    scope.effect(() => {
      const state = page.mirror.state.value;
      const at = place();
      const isAtEnd = state === undefined || at === undefined || placeBeside(state, at, step) === undefined;
      button.ariaDisabled = String(isAtEnd);
    });
    return button;
  };
  const controls = element("div", { class: "row" }, select, stepper("up", "↑"), stepper("down", "↓"));
  return field("Column", controls);
}

function drawDue(card: Card, page: Page, scope: Scope): HTMLElement {
  const input = element("input", { type: "date", "aria-label": "Due", "data-focus": "detail-due" });
  scope.value(input, () => dateInputOf(card.due));
  input.addEventListener("change", () => page.emit("setDue", { card: card.id, day: input.value }));
  return field("Due", input);
}

function drawNotes(card: Card, page: Page, scope: Scope): HTMLElement {
  const input = element("textarea", {
    rows: 2,
    "aria-label": "Notes",
    dir: "auto",
    placeholder: "What one should know",
    maxlength: 4000,
    "data-focus": "detail-notes",
  });
  scope.value(input, () => card.notes);
  onCommit(input, (notes) => page.emit("setNotes", { card: card.id, notes }));
  return field("Notes", input);
}

function drawChecklist(card: Card, page: Page, scope: Scope): HTMLElement {
  const list = element("ul", { class: "checklist" });
  scope.list(
    list,
    () => card.checklist,
    (item, scope) => drawItem(card, item, page, scope),
  );
  const add = adder("Add an item", 160, (text) => page.emit("addItem", { card: card.id, text }));
  return field("Checklist", list, add);
}

function drawItem(card: Card, item: ChecklistItem, page: Page, scope: Scope): HTMLElement {
  const box = element("input", { type: "checkbox", "data-focus": `item-${item.id}` });
  const text = element("span", { dir: "auto" });
  scope.text(text, () => item.text);
  scope.effect(() => {
    void retold.value;
    box.checked = item.done;
  });
  box.addEventListener("change", () =>
    page.emit("checkItem", { card: card.id, item: item.id, done: box.checked }),
  );
  return element(
    "li",
    {},
    element("label", {}, box, text),
    removal(item.text, () => page.emit("removeItem", { card: card.id, item: item.id })),
  );
}

function drawTags(card: Card, page: Page, scope: Scope): HTMLElement {
  const list = element("ul", { class: "chips" });
  scope.list(
    list,
    () => card.tags,
    (tag) =>
      element(
        "li",
        { class: "tag" },
        element("span", { dir: "auto" }, tag),
        removal(tag, () => page.emit("tag", { card: card.id, tag, on: false })),
      ),
  );
  const add = adder("Add a tag", 24, (tag) => page.emit("tag", { card: card.id, tag, on: true }));
  return field("Tags", list, add);
}

const otherThan = (role: Role | undefined): Role => (role === "leads" ? "helps" : "leads");

function drawMembers(card: Card, page: Page, scope: Scope): HTMLElement {
  const list = element("ul", { class: "chips" });
  scope.list(
    list,
    () => card.members.keys(),
    (name, scope) => {
      const role = element("button", { type: "button", class: "role", "data-focus": `role-${name}` });
      // Each press counts, also before the object has answered to the last.
      let asked: Role | undefined;
      role.addEventListener("click", () => {
        asked = otherThan(asked);
        page.emit("setMember", { card: card.id, name, role: asked });
      });
      scope.effect(() => {
        void retold.value;
        asked = card.members.get(name);
        role.textContent = asked ?? "";
        role.setAttribute("aria-label", `${name} ${asked}; change to ${otherThan(asked)}`);
      });
      return element(
        "li",
        { class: "member" },
        element("span", { dir: "auto" }, name),
        role,
        removal(name, () => page.emit("setMember", { card: card.id, name, role: "" })),
      );
    },
  );
  const add = adder("Add a member", 40, (name) =>
    page.emit("setMember", { card: card.id, name, role: "helps" }),
  );
  return field("Members", list, add);
}

function field(label: string, ...content: HTMLElement[]): HTMLElement {
  return element("section", { class: "field" }, element("h3", {}, label), ...content);
}

/** A small form of one input, that stays there for the next one. */
function adder(label: string, maxLength: number, add: (text: string) => void): HTMLElement {
  const input = element("input", {
    "aria-label": label,
    placeholder: label,
    dir: "auto",
    maxlength: maxLength,
    autocomplete: "off",
    "data-focus": label,
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text !== "") add(text);
    input.value = "";
  };
  return element("form", { submit }, input);
}

function removal(what: string, remove: () => void): HTMLElement {
  return element(
    "button",
    { type: "button", class: "remove", "aria-label": `Remove ${what}`, click: remove },
    "×",
  );
}
