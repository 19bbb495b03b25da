import * as arrays from "./arrays.ts";
import * as collections from "./collections.ts";
import { create, createInEffect } from "./create.ts";
import { depthWorks } from "./depth.ts";
import * as dirty from "./dirty.ts";
import * as effects from "./effects.ts";
import { json } from "./json.ts";
import { memoryInEffect, memoryUntracked } from "./memory.ts";
import * as paths from "./paths.ts";
import type { Work } from "./work.ts";

/** The works that every engine is put to, in the order of the table. */
export const WORKS: readonly Work[] = [
  create,
  createInEffect,
  paths.readPath,
  paths.rereadPath,
  paths.rerunPaths,
  paths.writeLeaf,
  paths.writeHeld,
  effects.writeOneEffect,
  effects.writeHundredEffects,
  effects.batchOfWrites,
  arrays.push,
  arrays.forOf,
  arrays.forOfInEffect,
  arrays.mapFilter,
  arrays.mapFilterInEffect,
  arrays.indexRead,
  arrays.indexWrite,
  arrays.shiftPush,
  arrays.splice,
  arrays.includes,
  collections.mapSet,
  collections.mapGet,
  collections.mapIterate,
  collections.setAdd,
  collections.setHas,
  collections.setIterate,
  json,
  dirty.writeHeldDirty,
  dirty.flushOne,
  dirty.flushHundred,
  memoryUntracked,
  memoryInEffect,
  ...depthWorks,
];
