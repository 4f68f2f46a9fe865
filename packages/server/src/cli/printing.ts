// How commands print: tables for people, JSON for programs, colours and progress where a terminal shows them.
import { ConfigError } from "../errors.ts";
import { type Asked, CommandFailed, type CommandContext } from "./command.ts";

/** As JSON where that was asked for, else as a text for people, which ends its last line itself. */
export async function printResult(
  { isJson }: Pick<Asked, "isJson">,
  { print }: CommandContext,
  json: unknown,
  text: string,
): Promise<void> {
  await print(isJson ? `${JSON.stringify(json, null, 2)}\n` : text);
}

/** Columns as wide as their widest cell, under their names. */
export function table(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [names, ...rows];
  const widths = names.map((_name, index) => Math.max(...all.map((row) => row[index]?.length ?? 0)));
  const lines = all.map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  "));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** What a terminal obeys, or what turns the order of letters around. `JSON.stringify` escapes only what is below a space. */
const obeyed = /[\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/** JSON for a terminal: whoever wrote the value cannot make it show anything else. */
export function shownJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    obeyed,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const codes = { green: 32, yellow: 33 } as const;

export function coloured(context: CommandContext, colour: keyof typeof codes, text: string): string {
  return context.hasColour === true ? `\u001B[${codes[colour]}m${text}\u001B[0m` : text;
}

/**
 * Asks before something that cannot be undone.
 *
 * @throws ConfigError where there is nobody to ask and no --yes; CommandFailed where the answer is no
 */
export async function confirm(asked: Asked, context: CommandContext, what: string): Promise<void> {
  if (asked.flags.has("yes")) return;
  if (context.ask === undefined)
    throw new ConfigError([
      `${what} It cannot be undone, and nobody is there to be asked: say --yes if you mean it`,
    ]);
  const answer = await context.ask(`${what} It cannot be undone. Go on? [y/N] `);
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new CommandFailed("nothing was done");
}

export interface Progress {
  /** How much is done, of how much. */
  at(done: number, total: number): void;
  end(): void;
}

const everyMs = 100;
const barWidth = 30;

/** One line that is written over again and again, for a person at a terminal alone. */
export function showProgress({ tell }: CommandContext, what: string): Progress {
  let shownMs = -Infinity;
  return {
    at(done, total) {
      const nowMs = performance.now();
      if (tell === undefined || nowMs - shownMs < everyMs) return;
      shownMs = nowMs;
      tell(`\r\u001B[K${what} ${barOf(done, total)}`);
    },
    end() {
      if (shownMs !== -Infinity) tell?.("\r\u001B[K");
    },
  };
}

function barOf(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const full = Math.round(share * barWidth);
  return `[${"#".repeat(full)}${"-".repeat(barWidth - full)}] ${Math.floor(share * 100)} %`;
}
