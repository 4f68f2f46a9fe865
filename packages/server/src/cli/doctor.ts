// countersign doctor: what is unsafe about this deployment, and the exact fix.
import { statSync } from "node:fs";
import { StoreError } from "../database/errors.ts";
import { ConfigError } from "../errors.ts";
import { KeyError } from "../keys/error.ts";
import { readMasterKeyFile } from "../keys/master-key-file.ts";
import { type Examination, examine } from "../operations/examination.ts";
import { databaseFileOf, socketPlaceOf } from "../operations/socket-path.ts";
import type { Deployment } from "../instances/report.ts";
import { defaultGuesses } from "../settings/limits.ts";
import { optionTable } from "../settings/options.ts";
import { type Asked, CommandFailed, type CommandContext, type Single } from "./command.ts";
import {
  type Finding,
  judgeClock,
  judgeDatabase,
  judgeDatabaseTls,
  judgeDeployment,
  judgeKeys,
  judgeOthers,
  ok,
  problem,
} from "./doctor-findings.ts";
import { readInstallation, withInstallation } from "./installation.ts";
import { coloured, printResult } from "./printing.ts";
import { readServeOptions, type ServeOptions } from "./serve.ts";

export const doctor: Single = {
  summary: "Name what is unsafe about this deployment, and the exact fix",
  text: [
    "Looks at clock, database, pooler, proxy, TLS, keys, files and limits on guessing, beside a running server or without one.",
    "Give it the flags and variables of the server: what a server that runs does not tell, it takes from them.",
    "Ends with 0 if nothing has to be done, and with 1 if something has.",
  ],
  examples: [
    "countersign doctor --issuer https://auth.example.com --trusted-proxies 10.0.0.5",
    "countersign doctor --json",
  ],
  options: optionTable,
  async run(asked, context) {
    const seen = settingsSeen(asked, context);
    const findings: Finding[] = seen instanceof ConfigError ? seen.problems.map(settingsProblem) : [];
    findings.push(...(await judgeFiles(asked, context)));
    let examination: Examination | undefined;
    try {
      await withInstallation(asked, context, async (installation) => {
        examination = await installation.ask(examine, {});
      });
    } catch (error) {
      if (!(error instanceof StoreError || error instanceof CommandFailed)) throw error;
      findings.push(problem("database", error.message, "mend this first, then ask again"));
    }
    if (examination !== undefined)
      findings.push(
        ...judgeClock(examination),
        ...judgeDatabase(examination),
        ...judgeKeys(examination, Date.now()),
        ...judgeOthers(examination),
      );
    if (!(seen instanceof ConfigError)) {
      const running = examination?.instances.map(({ deployment }) => deployment) ?? [];
      const told = running.length > 0 ? running : [deploymentOf(seen)];
      findings.push(...told.flatMap((deployment) => judgeDeployment(deployment, seen)));
    }
    const distinct = [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
    const problems = distinct.filter(({ level }) => level === "problem").length;
    const json = { problems, findings: distinct };
    await printResult(asked, context, json, distinct.map((finding) => lineOf(finding, context)).join(""));
    if (problems > 0) throw new CommandFailed(problems === 1 ? "1 problem" : `${problems} problems`);
  },
};

function settingsSeen({ args }: Asked, { environment }: CommandContext): ServeOptions | ConfigError {
  try {
    return readServeOptions(
      args.filter((argument) => argument !== "--json"),
      environment,
    );
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function settingsProblem(sentence: string): Finding {
  return problem("settings", sentence, "the server refuses to start with this: set it right");
}

/** What a server with these settings would say of itself. */
function deploymentOf({ options }: ServeOptions): Deployment {
  const { issuer, devMail = false, smtpUrl } = options;
  const { guessesPerSource = defaultGuesses.perSource, guessesPerAccount = defaultGuesses.perAccount } =
    options;
  return {
    issuer,
    guesses_per_source: guessesPerSource ?? Infinity,
    guesses_per_account: guessesPerAccount ?? Infinity,
    dev_mail: devMail,
    sends_mail: smtpUrl !== undefined,
  };
}

/** What other users of this machine could read or change. */
async function judgeFiles({ values }: Asked, { environment }: CommandContext): Promise<Finding[]> {
  const { databaseUrl, dataDir, masterKey } = readInstallation(values, environment);
  const file = databaseFileOf(databaseUrl);
  const place = socketPlaceOf(databaseUrl);
  const findings: Finding[] = [...judgeDatabaseTls(databaseUrl)];
  if (file !== undefined)
    for (const path of [
      file,
      `${file}-wal`,
      `${file}-shm`,
      ...(place?.kind === "socket" ? [place.path] : []),
    ]) {
      const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
      if ((mode & 0o077) !== 0)
        findings.push(
          problem(
            "files",
            `${path} is open to other users (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`,
            `chmod 600 ${path}`,
          ),
        );
    }
  if (masterKey === undefined) {
    try {
      const found = await readMasterKeyFile(dataDir);
      if (found === undefined)
        findings.push(
          problem(
            "files",
            `there is no master.key in ${dataDir}, and no COUNTERSIGN_MASTER_KEY`,
            "name the folder of the server with --data-dir, or give the key as the server has it",
          ),
        );
    } catch (error) {
      if (!(error instanceof KeyError)) throw error;
      findings.push(problem("files", error.message, `as said, for the master key in ${dataDir}`));
    }
  }
  if (place?.kind === "too_long")
    findings.push(problem("files", place.sentence, "move the data to a folder with a shorter path"));
  if (!findings.some(({ check }) => check === "files"))
    findings.push(ok("files", "nobody else on this machine reads or changes them"));
  return findings;
}

const signs = { ok: "ok     ", note: "note   ", problem: "PROBLEM" } as const;

function lineOf({ check, level, text, fix }: Finding, context: CommandContext): string {
  const colour = level === "ok" ? "green" : "yellow";
  return `${coloured(context, colour, signs[level])}  ${check.padEnd(14)}  ${text}\n${fix === null ? "" : `${" ".repeat(9)}${" ".repeat(16)}fix: ${fix}\n`}`;
}
