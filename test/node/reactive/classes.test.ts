import { markRaw, reactive, toRaw, trackDirty } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";

describe("classes with #private names", () => {
  class Field {
    #n = 1;
    read() {
      return this.#n;
    }
  }
  class Method {
    #next() {
      return 1;
    }
    read() {
      return this.#next();
    }
  }
  class Getter {
    get #n() {
      return 1;
    }
    read() {
      return this.#n;
    }
  }
  class Brand {
    // oxlint-disable-next-line no-unused-private-class-members -- that is how a brand is asked for
    #brand = true;
    static is(value: object) {
      return #brand in value;
    }
  }
  // oxfmt-ignore
  class Dense{a=1;#n=2;b(){return this.#n}}
  class Told {
    #name = "x";
    greet() {
      return `Hello ${this.#name}`;
    }
  }
  // oxfmt-ignore
  class Above{url="https://a/b";read(){return this.#n}#n=1}
  class Heir extends Field {}
  class PrivateMap extends Map<string, number> {
    #reads = 0;
    read(key: string) {
      return [this.get(key), ++this.#reads];
    }
  }
  class PrivateSet extends Set<string> {
    #reads = 0;
    read() {
      return this.#reads;
    }
  }
  class PrivateDate extends Date {
    #reads = 0;
    read() {
      return this.#reads;
    }
  }
  class PrivateList extends Array<number> {
    #reads = 0;
    read() {
      return this.#reads;
    }
  }

  it.each([
    Field,
    Method,
    Getter,
    Brand,
    Dense,
    Told,
    Above,
    Heir,
    PrivateMap,
    PrivateSet,
    PrivateDate,
    PrivateList,
  ])("[R15] are refused: $name", (Class) => {
    const instance: object = new Class();
    const message = /an instance of \w+ can't be tracked: its class has #private names.*markRaw/;

    expect(() => reactive(instance)).toThrow(message);
    expect(() => reactive({ instance }).instance).toThrow(message);
    expect(reactive({ instance: markRaw(instance) }).instance).toBe(instance);
  });

  it("[R15] are refused each time, until they are taken out of what is assigned", () => {
    const state = reactive<Record<string, unknown>>({});
    const inner: Record<string, unknown> = { field: new Field() };
    const outer = { list: [inner] };
    const assign = (value: unknown) => () => {
      state["value"] = value;
    };

    for (const value of [outer, outer, outer.list, inner, { inner }])
      expect(assign(value)).toThrow(/#private names/);
    expect(toRaw(state)).toEqual({});

    delete inner["field"];
    assign(outer)();
    assign({ inner })();
    expect(toRaw(state)).toEqual({ value: { inner: {} } });
  });

  class Pattern {
    match = /#abc/.test("#abc") || /[/"'`]#abc/.test("x");
    ratio = 4 / 2; // #abc
    color = `#fff ${"`"} #abc`;
  }
  class Nested {
    isDark = true;
    style() {
      return `color: ${this.isDark ? `#fff;` : "#000;"}`;
    }
  }
  class Odd {
    kind = typeof /#abc;/;
    match(text: string) {
      if (text !== "") return /#abc;/.test(text);
      return false;
    }
  }
  const Commented = new Function(
    `return class Commented {
      url = "https://example.com"; // #count = 0;
      read() { /* return this.#count; */ return this.url; }
    }`,
  )() as new () => object;
  class Shared {
    static #made = 0;
    static #count() {
      return ++Shared.#made;
    }
    made = Shared.#count();
  }

  it.each([Pattern, Nested, Odd, Commented, Shared])(
    "[R15] a # in a text or a pattern, or of the class itself, is none: $name",
    (Class) => {
      const state = reactive(new Class()) as unknown as Record<string, unknown>;
      const seen = follow(() => Object.values(state).length);

      state["more"] = 1;

      expect(seen).toHaveLength(2);
    },
  );

  it("[R17] instances that are opaque anyway are handed out as they are", () => {
    class Failure extends Error {
      #code = 1;
      get code() {
        return this.#code;
      }
    }
    class Target extends EventTarget {
      #heard = 1;
      get heard() {
        return this.#heard;
      }
    }
    const state = reactive({ failure: new Failure(), target: new Target() });

    expect([state.failure.code, state.target.heard]).toEqual([1, 1]);
  });
});

describe("own properties of Map, Set and Date", () => {
  class Named extends Map<string, number> {
    label = "x";
  }

  it.each([
    new Named(),
    Object.assign(new Map(), { label: 1 }),
    Object.assign(new Set(), { label: 1 }),
    Object.assign(new Date(), { label: 1 }),
    Object.assign(new Map(), { [Symbol("label")]: 1 }),
  ])("[R21] are refused, as no facade has them %#", (value) => {
    const message =
      /an instance of (Named|Map|Set|Date) can't be tracked: it has the property "(label|Symbol\(label\))".*markRaw/;
    const state = reactive<Record<string, unknown>>({ list: [] });

    expect(() => reactive({ value }).value).toThrow(message);
    expect(() => (state["value"] = value)).toThrow(message);
    expect(() => (state["list"] as unknown[]).push({ value })).toThrow(message);
    expect(toRaw(state)).toEqual({ list: [] });
  });

  it("[R15] nor may a subclass override what a facade does", () => {
    class Loud extends Map<string, number> {
      override set(key: string, value: number) {
        return super.set(key, value + 1);
      }
    }
    const state = reactive<Record<string, unknown>>({});

    expect(() => (state["value"] = new Loud())).toThrow(/an instance of Loud.*overrides set\(\)/);
    expect(toRaw(state)).toEqual({});
  });

  it("[R21] can't be added later, where they would get lost", () => {
    for (const facade of [reactive(new Map()), reactive(new Set()), reactive(new Date())]) {
      expect(() => Object.assign(facade, { label: 1 })).toThrow(TypeError);
    }
  });
});

describe("subclasses of Array", () => {
  class List extends Array<{ n: number }> {
    label = "x";
    get total() {
      return this.reduce((sum, item) => sum + item.n, 0);
    }
    set total(value: number) {
      this[0] = { n: value };
    }
    add(n: number) {
      this.push({ n });
      return this;
    }
  }

  it("[R15] have their methods, accessors and fields followed", () => {
    const state = reactive({ list: new List() });
    const tracker = trackDirty(state);
    const totals = follow(() => state.list.total);
    const labels = follow(() => state.list.label);

    expect(state.list.add(1)).toBe(state.list);
    (state.list[0] as { n: number }).n = 2;
    expect(tracker.take().size).toBe(1);
    state.list.total = 5;
    state.list.label = "y";

    expect(totals).toEqual([0, 1, 2, 5]);
    expect(labels).toEqual(["x", "y"]);
    expect(state.list).toBeInstanceOf(List);
    expect(toRaw(state).list).toHaveLength(1);
    expect(tracker.take().size).toBe(1);
  });

  it("[R11] [R15] a property that is put in front of an inherited accessor is heard of, and that it goes", () => {
    class Card {
      n = 1;
      get twice(): number {
        return this.n * 2;
      }
    }
    const state = reactive({ card: new Card() });
    const seen = follow(() => state.card.twice);

    Object.defineProperty(state.card, "twice", { value: 9, writable: true, configurable: true });
    expect(seen).toEqual([2, 9]);
    state.card.n = 5;
    expect(seen).toEqual([2, 9]);
    Reflect.deleteProperty(state.card, "twice");
    expect(seen).toEqual([2, 9, 10]);
  });

  it("[R15] an accessor of an array's own runs with the proxy as this", () => {
    const list = Object.defineProperty(reactive([{ n: 1 }]), "total", {
      get(this: { n: number }[]) {
        return this.reduce((sum, item) => sum + item.n, 0);
      },
      configurable: true,
    }) as { n: number }[] & { total: number };
    const seen = follow(() => list.total);

    list.push({ n: 2 });

    expect(seen).toEqual([1, 3]);
  });
});
