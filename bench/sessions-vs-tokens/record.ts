/** The last full run, in the file beside this one: page and plot are made of it. */
import { readFileSync } from "node:fs";
import type { Result } from "./cases.ts";

export interface RunRecord {
  readonly machine: string;
  readonly connections: number;
  readonly rounds: number;
  readonly results: readonly Result[];
}

export const recordFile: URL = new URL("record.json", import.meta.url);

export function readRecord(): RunRecord {
  return JSON.parse(readFileSync(recordFile, "utf8")) as RunRecord;
}
