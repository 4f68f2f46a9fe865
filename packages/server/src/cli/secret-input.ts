// A secret from standard input: never an argument, which other users of the machine can read.
import { ConfigError } from "../errors.ts";
import type { CommandContext } from "./command.ts";

const maxBytes = 8192;

/** The first line, without its end. @throws ConfigError if there is none */
export async function readSecretLine({ input }: CommandContext, what: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of input?.() ?? []) {
    parts.push(part);
    bytes += part.length;
    if (part.includes(10) || bytes > maxBytes) break;
  }
  const line = Buffer.concat(parts).toString("utf8").split("\n", 1)[0]?.replace(/\r$/, "") ?? "";
  if (line === "") throw new ConfigError([`standard input must hold the ${what}, in one line`]);
  if (Buffer.byteLength(line) > maxBytes)
    throw new ConfigError([`the ${what} on standard input is too long`]);
  return line;
}
