// What an option is called outside of code.
import type { Option } from "./options.ts";

const prefix = "COUNTERSIGN_";

export function isOurVariable(name: string): boolean {
  return name.startsWith(prefix);
}

/** `dataDir` is `COUNTERSIGN_DATA_DIR`. */
export function variableOf(name: string): string {
  return prefix + separated(name, "_").toUpperCase();
}

/** The variable that names a file which holds the value. */
export function fileVariableOf(name: string): string {
  return `${variableOf(name)}_FILE`;
}

/**
 * `dataDir` is `data-dir`. None for what a list of processes must not show: that has the flag of
 * its file alone.
 */
export function flagsOf(name: string, { kind, otherFlag }: Option): readonly string[] {
  if (kind.secrecy === "always") return [];
  return otherFlag === undefined ? [separated(name, "-")] : [separated(name, "-"), otherFlag];
}

export function fileFlagOf(name: string, { kind }: Option): string | undefined {
  return kind.secrecy === undefined ? undefined : `${separated(name, "-")}-file`;
}

function separated(name: string, separator: string): string {
  return name.replace(/[A-Z]/g, (letter) => separator + letter.toLowerCase());
}
