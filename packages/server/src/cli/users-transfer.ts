// countersign users import, users export: accounts that move in and out.
import { extname } from "node:path";
import type { HashCount, ImportProblem } from "../accounts/account-import.ts";
import { importedMembers } from "../accounts/imported-account.ts";
import { ConfigError } from "../errors.ts";
import { exportAccounts, importAccounts, type ImportResult } from "../operations/transfer.ts";
import {
  type AccountFile,
  type AccountFormat,
  accountFormats,
  csvLine,
  lineOfAccount,
  openAccountFile,
} from "./account-file.ts";
import { type Asked, CommandFailed, type CommandContext, type Flag, type Verb } from "./command.ts";
import { type ReachedInstallation, withInstallation } from "./installation.ts";
import { printResult, showProgress } from "./printing.ts";
import { readSecretLine } from "./secret-input.ts";

const formatFlag: Flag = {
  summary: "How FILE is written; by default as its name ends, else jsonl",
  value: "FORMAT",
  choices: accountFormats,
};

/** So many are printed one by one; the others are counted. */
const maxToldProblems = 100;

export const importUsers: Verb = {
  summary: "take in the accounts of another system, with their password hashes",
  text: [
    `One account a line, as JSON or CSV: ${importedMembers.join(", ")}; all but email may be missing.`,
    "Hashes: Argon2, bcrypt (2a, 2b, 2y), scrypt and PBKDF2 as PHC strings, and better-auth's salt:hash. They are verified at the first login, and then made anew as ours.",
    "The file is checked to its end before anything is written. Run it again after it broke off: what is here already is passed over.",
  ],
  operands: [{ name: "FILE", summary: "the accounts", isFile: true }],
  flags: {
    format: formatFlag,
    "dry-run": { summary: "check the file and say what would happen" },
    partial: { summary: "take in what is good, also if some lines are not" },
    sample: {
      summary: "try a password, read from standard input, against the hash of this address in the file",
      value: "ADDRESS",
    },
  },
  async run(asked, context) {
    const [path = ""] = asked.operands;
    const file = openAccountFile(path, formatOf(asked, path));
    const email = asked.values["sample"];
    const sample =
      email === undefined ? null : { email, password: await readSecretLine(context, "password") };
    await withInstallation(asked, context, async (installation) => {
      const isDryRun = asked.flags.has("dry-run");
      const checked = await pass(installation, file, context, { isCheck: true, sample });
      const isBlocked = checked.problems > 0 && !asked.flags.has("partial");
      const wrongSample = email === undefined ? undefined : sampleProblem(checked.result, email);
      const done =
        isDryRun || isBlocked || wrongSample !== undefined
          ? undefined
          : await pass(installation, file, context, { isCheck: false, sample: null });
      const { result, told } = done ?? checked;
      const json = {
        dry_run: isDryRun,
        written: done === undefined ? 0 : result.added,
        ...result,
        problems: told,
        problem_count: (done ?? checked).problems,
      };
      const verdict = textOf(result, done === undefined, email);
      if (!asked.isJson) await context.print(told.map(problemLine).join(""));
      await printResult(asked, context, json, verdict);
      const { problems } = done ?? checked;
      if (problems > 0)
        throw new CommandFailed(
          `${problems} lines cannot be taken in${isBlocked && !isDryRun ? ", so nothing was written: mend them, or say --partial" : ""}`,
        );
      if (wrongSample !== undefined) throw new CommandFailed(wrongSample);
    });
  },
};

function sampleProblem({ is_sample_right: isRight }: ImportResult, email: string): string | undefined {
  if (isRight === null) return `no good line of the file has a password hash for the address ${email}`;
  return isRight ? undefined : `the password does not fit the hash that the file has for ${email}`;
}

interface Passed {
  readonly result: ImportResult;
  readonly problems: number;
  /** The first of them, in the order in which they were found. */
  readonly told: readonly ImportProblem[];
}

/** Once through the file. */
async function pass(
  installation: ReachedInstallation,
  file: AccountFile,
  context: CommandContext,
  { isCheck, sample }: { isCheck: boolean; sample: { email: string; password: string } | null },
): Promise<Passed> {
  const told: ImportProblem[] = [];
  let broken = 0;
  const tell = (problem: ImportProblem): void => {
    if (told.length < maxToldProblems) told.push(problem);
  };
  const progress = showProgress(context, isCheck ? "Checking" : "Importing");
  try {
    const items = file.batches((problem) => {
      broken += 1;
      tell(problem);
    });
    const result = await installation.ask(
      importAccounts,
      { is_check: isCheck, sample },
      {
        items,
        onItem({ problems }) {
          problems.forEach(tell);
          progress.at(file.bytesRead(), file.bytes);
        },
      },
    );
    return { result, problems: result.problems + broken, told };
  } finally {
    progress.end();
  }
}

function problemLine({ line, problem }: ImportProblem): string {
  return `line ${line}: ${problem}\n`;
}

function hashLine({ scheme, accounts }: HashCount): string {
  return scheme === null
    ? `  ${accounts} without a password: their owners need a reset\n`
    : `  ${accounts} with ${scheme}\n`;
}

function textOf(
  { added, standing, is_sample_right: isRight, hashes }: ImportResult,
  isCheck: boolean,
  email?: string,
): string {
  const here = standing === 0 ? "" : ` ${standing} are here already.`;
  const sample = isRight === true ? `The password opens ${email}.\n` : "";
  return isCheck
    ? `${added} accounts would be taken in.${here} Nothing was written.\n${hashes.map(hashLine).join("")}${sample}`
    : `${added} accounts were taken in.${here}\n${hashes.map(hashLine).join("")}`;
}

export const exportUsers: Verb = {
  summary: "print every account in the form that `users import` takes",
  flags: {
    format: formatFlag,
    "unsafe-include-hashes": {
      summary: "with the password hashes, which whoever has the output can try passwords against",
    },
  },
  run: (asked, context) =>
    withInstallation(asked, context, async (installation) => {
      const format = formatOf(asked, "");
      const includesHashes = asked.flags.has("unsafe-include-hashes");
      const columns = importedMembers.filter((name) => includesHashes || name !== "password_hash");
      if (format === "csv") await context.print(csvLine(columns));
      await installation.ask(
        exportAccounts,
        { include_hashes: includesHashes },
        {
          onItem: (page) =>
            context.print(page.map((account) => lineOfAccount(account, format, columns)).join("")),
        },
      );
    }),
};

function formatOf(asked: Asked, path: string): AccountFormat {
  const said = asked.values["format"];
  const found = accountFormats.find((format) => format === said);
  if (said !== undefined && found === undefined) throw new ConfigError(["--format must be jsonl or csv"]);
  return found ?? (extname(path).toLowerCase() === ".csv" ? "csv" : "jsonl");
}
