// The peers are not installed when the types are checked: this is as much of their surface as the adapters use.
// An ambient declaration wins over the package's own types, so the check is the same with and without them.

declare module "@vue/reactivity" {
  export function reactive<T extends object>(raw: T): T;
  export function effect(
    run: () => void,
    options: { scheduler: () => void },
  ): { (): void; effect: { stop(): void } };
}

declare module "mobx" {
  export function observable<T extends object>(raw: T): T;
  export function autorun(run: () => void): () => void;
  export function runInAction(run: () => void): void;
  export function configure(options: { enforceActions: "never" }): void;
}

declare module "valtio/vanilla" {
  export function proxy<T extends object>(raw: T): T;
  export function subscribe(root: object, onChange: () => void, inSync: boolean): () => void;
}

declare module "valtio/vanilla/utils" {
  export function proxyMap<K, V>(entries: Iterable<[K, V]>): Map<K, V>;
  export function proxySet<T>(values: Iterable<T>): Set<T>;
}

declare module "deepsignal/core" {
  export function deepSignal<T extends object>(raw: T): T;
}

declare module "alien-deepsignals" {
  export function deepSignal<T extends object>(raw: T): T;
  export function effect(run: () => void): { stop(): void };
  export function batch(run: () => void): void;
}

declare module "solid-js" {
  export function batch(run: () => void): void;
  export function createComputed(run: () => void): void;
  export function createRoot<T>(run: (dispose: () => void) => T): T;
}

declare module "solid-js/store" {
  export function createMutable<T extends object>(raw: T): T;
}

declare module "@legendapp/state" {
  export interface Observable {
    [key: string | number]: Observable | undefined;
    get(key?: unknown): unknown;
    set(value: unknown): void;
  }
  export function observable<T extends object>(raw: T): Observable;
  export function observe(run: () => void): () => void;
  export function batch(run: () => void): void;
}
