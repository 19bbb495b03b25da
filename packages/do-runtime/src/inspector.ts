// For those who show an inspection on a page of their own, and for guards.
export { inspectionStyles } from "./inspect-page.ts";
export { isSecret } from "./inspect-secret.ts";
export type { Json } from "./inspect-value.ts";
export { renderInspection } from "./inspect-view.ts";
export type { InspectedChange, InspectedFailure, InspectedFlush, Inspection } from "./inspection.ts";
