// Is a file what pg_dump makes, and are our tables in it? pg_restore reads its list to the end.
import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { CommandFailed, type CommandContext } from "./command.ts";

/** Without these nothing could be restored. */
const tables = ["users", "sessions", "audit", "journal", "instance", "signing_keys", "revocations"];
const longestMs = 60_000;

/** @throws CommandFailed */
export async function checkDump(
  path: string,
  { environment }: CommandContext,
): Promise<{ tables: readonly string[] }> {
  const begin = Buffer.alloc(5);
  try {
    const file = await open(path, "r");
    try {
      await file.read(begin, 0, begin.length, 0);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new CommandFailed(`${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (begin.toString("latin1") !== "PGDMP")
    throw new CommandFailed(`${path} is no dump of the kind that pg_dump --format=custom makes`);
  // Into nothing: it reads every block, and so finds one that is cut off.
  const listed = await run("pg_restore", ["--list", path], environment["PATH"]);
  await run("pg_restore", ["--file=/dev/null", path], environment["PATH"]);
  const missing = tables.filter((name) => !new RegExp(` TABLE DATA \\S+ ${name} `).test(listed));
  if (missing.length > 0) throw new CommandFailed(`${path} holds no data of ${missing.join(", ")}`);
  return { tables };
}

async function run(program: string, args: readonly string[], path: string | undefined): Promise<string> {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: longestMs,
    env: path === undefined ? {} : { PATH: path },
  });
  const output = { out: "", err: "" };
  child.stdout.on("data", (text) => (output.out += String(text)));
  child.stderr.on("data", (text) => (output.err += String(text).slice(0, 2000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (cause) =>
      reject(
        new CommandFailed(`${program} is needed for this, and cannot be run: ${cause.message}`, { cause }),
      ),
    );
    child.once("close", resolve);
  });
  if (code !== 0) throw new CommandFailed(`the dump is not whole: ${output.err.trim()}`);
  return output.out;
}
