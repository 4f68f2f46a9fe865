/** What every bench may be told on the command line. */
import { parseArgs } from "node:util";

export interface Flags {
  readonly json: boolean;
  readonly quick: boolean;
  readonly write: boolean;
  readonly only: string;
}

const explanations = {
  json: "one JSON object for each line",
  quick: "shorter, and less exact",
  write: "puts the result into the documents, too",
  only: "TEXT: the cases with that in their names",
} as const;

/** Reads the flags of `npm run bench:<name>`. `--help` ends the process with 0, a flag that it does not have with 2. */
export function readFlags(name: string, has: { readonly only: boolean } = { only: false }): Flags {
  const boolean = { type: "boolean", default: false } as const;
  const options = { json: boolean, quick: boolean, write: boolean, help: boolean };
  const only = { only: { type: "string", default: "" } } as const;
  try {
    const { values } = parseArgs({ options: has.only ? { ...options, ...only } : options });
    if (!values.help) return { only: "", ...values };
    process.stdout.write(usageOf(name, has));
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usageOf(name, has)}`);
    process.exit(2);
  }
}

function usageOf(name: string, has: { readonly only: boolean }): string {
  const flags = (["json", "quick", "write", "only"] as const).filter((flag) => flag !== "only" || has.only);
  const lines = flags.map((flag) => `  --${flag.padEnd(6)} ${explanations[flag]}\n`);
  return `npm run bench:${name} -- [flags]\n${lines.join("")}`;
}
