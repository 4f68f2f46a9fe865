// npm create countersign: the command line. Exit codes: 0 done, 1 it failed, 2 it was not called right.
import { parseArgs } from "node:util";
import { type Choices, chooseUsual, databases, frameworks, shapes } from "../choices.ts";
import { CreateError } from "../errors.ts";
import { createProject } from "../project.ts";
import { ask } from "../questions.ts";

const help = `Makes a small API with accounts, login and tokens.

Usage: npm create countersign -- [FOLDER] [options]

  --framework NAME   ${frameworks.join(", ")}
  --database NAME    ${databases.join(", ")}
  --shape NAME       ${shapes.join(", ")}
  --yes              asks nothing: what is not said is fastify, sqlite, and one process where there is a choice
`;

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const options = {
  framework: text,
  database: text,
  shape: text,
  yes: { ...flag, short: "y" },
  help: { ...flag, short: "h" },
} as const;

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) return void process.stdout.write(help);
  const [folder, ...surplus] = positionals;
  if (surplus.length > 0) throw new CreateError("choice_unknown", "name one folder");
  const wanted = await decide(folder, values);
  if (wanted === undefined) return;
  await createProject(wanted.folder, wanted.choices);
  process.stdout.write(nextSteps(wanted.folder, wanted.choices));
}

async function decide(
  folder: string | undefined,
  {
    yes,
    framework,
    database,
    shape,
  }: { yes: boolean; framework?: string; database?: string; shape?: string },
): ReturnType<typeof ask> {
  const said = { framework, database, shape };
  // Whatever is wrong is said before anything is asked.
  const usual = chooseUsual(said);
  if (yes) return { folder: folder ?? "my-api", choices: usual };
  if (!process.stdin.isTTY) {
    throw new CreateError(
      "choice_missing",
      "nobody is here to be asked: say --yes, and what you want by options",
    );
  }
  return ask(folder, said);
}

function nextSteps(folder: string, { database, shape }: Choices): string {
  const steps = [
    `cd ${folder}`,
    ...(database === "postgres" ? ["edit .env     # the URL of your database"] : []),
    "npm install",
    ...(shape === "auth-server" ? ["npm run auth  # in a terminal of its own"] : []),
    "npm start",
  ];
  return `\nDone. Next:\n\n${steps.map((step) => `  ${step}\n`).join("")}\nREADME.md has the first token.\n`;
}

try {
  await run();
} catch (error) {
  const isForOperators =
    error instanceof CreateError ||
    (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));
  process.stderr.write(
    `${isForOperators ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = isForOperators ? 2 : 1;
}
