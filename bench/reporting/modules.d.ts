// Installed with the benchmarks only; as much of their surface as the report uses.

declare module "@observablehq/plot" {
  export interface PlotOptions {
    document?: object;
    width?: number;
    height?: number;
    marginLeft?: number;
    marginRight?: number;
    marginTop?: number;
    marginBottom?: number;
    color?: object;
    style?: object;
    x?: object;
    y?: object;
    marks?: readonly Mark[];
  }
  export interface Mark {
    readonly mark: never;
  }
  export function plot(options: PlotOptions): { outerHTML: string };
  export function dot(data: readonly object[], options: object): Mark;
  export function line(data: readonly object[], options: object): Mark;
  export function barX(data: readonly object[], options: object): Mark;
  export function text(data: readonly object[], options: object): Mark;
  export function ruleX(data: readonly unknown[], options: object): Mark;
  export function ruleY(data: readonly unknown[], options: object): Mark;
}

declare module "linkedom" {
  export function parseHTML(html: string): { document: object };
}
