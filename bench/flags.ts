/** What every bench may be told on the command line. */
import { parseArgs } from "node:util";

export interface Flags {
  readonly json: boolean;
  readonly quick: boolean;
  readonly write: boolean;
  readonly only: string;
}

const explanations = {
  json: "prints one JSON object a line",
  quick: "works for a shorter time; the figures are less exact",
  write: "writes the result into the documents, too; only for a full run",
  help: "says this",
  only: "TEXT: measures only the cases with this text in their names",
} as const;

/**
 * Reads the flags of `npm run bench:<name>`. `--help` ends the process with 0; a flag that it does not have ends it with 2,
 * and so does `--write` for less than a full run: a section of the documents is one run, whole.
 */
export function readFlags(name: string, has: { readonly only: boolean } = { only: false }): Flags {
  const boolean = { type: "boolean", default: false } as const;
  const options = { json: boolean, quick: boolean, write: boolean, help: boolean };
  const only = { only: { type: "string", default: "" } } as const;
  try {
    const { values } = parseArgs({ options: has.only ? { ...options, ...only } : options });
    const flags: Flags & { readonly help: boolean } = { only: "", ...values };
    if (flags.write && (flags.quick || flags.only !== ""))
      throw new TypeError("--write needs a full run: leave --quick and --only away");
    if (!flags.help) return flags;
    process.stdout.write(usageOf(name, has));
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usageOf(name, has)}`);
    process.exit(2);
  }
}

function usageOf(name: string, has: { readonly only: boolean }): string {
  const flags = (["json", "quick", "write", "only", "help"] as const).filter(
    (flag) => flag !== "only" || has.only,
  );
  const lines = flags.map((flag) => `  --${flag.padEnd(6)} ${explanations[flag]}\n`);
  return `npm run bench:${name} -- [flags]\n${lines.join("")}`;
}
