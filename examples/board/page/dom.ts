// The little that this page needs on top of the DOM: elements in one expression, and effects that end with what they draw.
import { effect, signal, untracked } from "@dormouse/reactive";

type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: never) => void)>>;

/**
 * Makes an element. An attribute that is a function listens to the event of its name; `true` sets an attribute, `false` leaves it out.
 *
 * Texts are text: nothing that somebody typed is ever read as markup.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value as EventListener);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** The element of the document with this id; it is in index.html. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id "${id}"`);
  return found;
}

/** Moves when everything was told anew, or something refused: an input that somebody changed, and whose change came to nothing, shows again what is held. */
export const retold = signal(0);

/** Effects that end together, when what they draw goes. */
export class Scope {
  readonly #ends = new Set<() => void>();

  /** Runs `draw` now, and again when something reactive changes that it read. */
  effect(draw: () => void): void {
    this.#ends.add(effect(draw));
  }

  /** Keeps an element's text. */
  text(target: Element, read: () => string): void {
    this.effect(() => {
      target.textContent = read();
    });
  }

  /** Keeps an input's value, except where somebody is changing it. */
  value(target: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, read: () => string): void {
    this.effect(() => {
      void retold.value;
      const value = read();
      const isChanging = document.activeElement === target && target.value !== target.dataset["saved"];
      if (!isChanging) target.value = value;
      target.dataset["saved"] = value;
    });
  }

  /** Keeps one child of `parent` for each item, in their order; an item's child stays as long as the item does. */
  list<Item>(parent: Element, read: () => Iterable<Item>, draw: (item: Item, scope: Scope) => Element): void {
    const drawn = new Map<Item, { child: Element; scope: Scope }>();
    this.#ends.add(() => {
      for (const { scope } of drawn.values()) scope.end();
    });
    this.effect(() => {
      const items = [...read()];
      untracked(() => {
        const gone = new Set(drawn.keys()).difference(new Set(items));
        for (const item of gone) {
          drawn.get(item)?.child.remove();
          drawn.get(item)?.scope.end();
          drawn.delete(item);
        }
        items.forEach((item, index) => {
          let entry = drawn.get(item);
          if (entry === undefined) {
            const scope = new Scope();
            entry = { child: draw(item, scope), scope };
            drawn.set(item, entry);
          }
          // Moving a child takes the focus from it, so that only those are moved that are not in place.
          const there = parent.children[index];
          if (there !== entry.child) parent.insertBefore(entry.child, there ?? null);
        });
      });
    });
  }

  end(): void {
    for (const end of this.#ends) end();
    this.#ends.clear();
  }
}

/** Has whatever stands in an input sent when it is left or confirmed, if it changed and is not empty. */
export function onCommit(
  input: HTMLInputElement | HTMLTextAreaElement,
  commit: (value: string) => void,
): void {
  const done = () => {
    const value = input.value.trim();
    const saved = input.dataset["saved"] ?? "";
    if (value === saved || (value === "" && input.required)) {
      input.value = saved;
      return;
    }
    // Before the object has answered, it may be changed back.
    input.dataset["saved"] = value;
    commit(value);
  };
  input.addEventListener("blur", done);
  input.addEventListener("keydown", (event) => {
    // While a word is composed, as in Japanese, the keys are about the word.
    if (!(event instanceof KeyboardEvent) || event.isComposing) return;
    if (event.key === "Enter" && input instanceof HTMLInputElement) input.blur();
    if (event.key === "Escape") {
      input.value = input.dataset["saved"] ?? "";
      event.stopPropagation();
      event.preventDefault();
      input.blur();
    }
  });
}

/** Runs `change`, and gives the focus back to the same thing if drawing took it: things are the same that share a `data-focus`. */
export function keepingFocus<T>(change: () => T): T {
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement : undefined;
  const name = focused?.dataset["focus"];
  const result = change();
  if (name !== undefined && document.activeElement !== focused)
    document.querySelector<HTMLElement>(`[data-focus="${CSS.escape(name)}"]`)?.focus();
  return result;
}
