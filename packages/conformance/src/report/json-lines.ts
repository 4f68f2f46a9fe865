// One JSON object per line, for programs.
import type { AttackResult } from "./attack-report.ts";

/** The line for one result; `version` is `null` where the target has none. */
export function jsonLine(target: string, version: string | null, result: AttackResult): string {
  const { family, name, source, expected, got, ...more } = result;
  return JSON.stringify({ target, version, family, name, source, expected, got, ...more });
}
