// The app's own list of passwords that nobody may have: a text file, one to a line.
import { readFileSync, statSync } from "node:fs";
import { ConfigError } from "../errors.ts";
import { comparedForms } from "./common-passwords.ts";

/** Judged like the passwords that everybody tries: whole, and as parts of others. */
export type PasswordBlocklist = Pick<ReadonlySet<string>, "has">;

export const emptyBlocklist: PasswordBlocklist = new Set();

/** Some 400,000 lines, which take about 60 MB once they are read. */
export const maxBlocklistBytes: number = 4 * 1024 * 1024;

/** @throws ConfigError if there is no such list, or it is none */
export function readBlocklist(path: string): PasswordBlocklist {
  const entries = new Set<string>();
  for (const line of readText(path).normalize("NFC").split(/\r?\n/)) {
    const entry = line.trim();
    // Dots and dashes alone leave nothing, which would be in every password.
    for (const form of comparedForms(entry)) if (form !== "") entries.add(form);
  }
  if (entries.size === 0) throw refusal(path, "holds no word");
  return entries;
}

function readText(path: string): string {
  let content: Buffer;
  try {
    const found = statSync(path);
    // A pipe would hold the start up for ever.
    if (!found.isFile()) throw refusal(path, "is no file");
    if (found.size > maxBlocklistBytes) throw refusal(path, `has over ${maxBlocklistBytes} bytes`);
    content = readFileSync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && typeof error.code === "string")) throw error;
    throw refusal(path, `cannot be read (${error.code})`);
  }
  if (content.includes(0)) throw refusal(path, "is no text: it holds a NUL");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw refusal(path, "is not UTF-8");
  }
}

function refusal(path: string, what: string): ConfigError {
  return new ConfigError([
    `passwordBlocklistFile must name a UTF-8 text file with a word on each line, but ${path} ${what}`,
  ]);
}
