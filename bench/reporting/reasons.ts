// Why something else is ahead of the engine, or why a target is missed, by work. Written by hand, after looking.

export const REACTIVE_REASONS: Readonly<Record<string, string>> = {};

export const TARGET_REASONS: Readonly<Record<string, string>> = {};
