// countersign audit: is the trail of security events whole? And the trail as lines that prove themselves.
import { readFileSync } from "node:fs";
import { exportedEnd, exportedEvent, verifyExport } from "../audit/export.ts";
import { type ChainVerdict, createAuditTrail } from "../audit/trail.ts";
import { ConfigError } from "../errors.ts";
import { type Command, CommandFailed, readArguments, type CommandContext } from "./command.ts";
import {
  installationHelp,
  installationOptions,
  type OpenInstallation,
  withInstallation,
} from "./installation.ts";

export const audit: Command = {
  summary: "Prove that the audit trail was not altered, or export it",
  help: `Usage: countersign audit SUBCOMMAND [options]

  verify           compute the hash of every event again, from the one before it, and judge the seal of the last, which
                   needs the master key. Ends with 1 if an event was altered, removed or added since it was written,
                   or if the trail was wiped or written anew
    --expect HASH  and if no event has this hash: note the last one now and then, away from the database
    --file EXPORT  judge an export, with the master key of the installation
  export           print the trail as JSON lines: every event with its hash, then the last number and hash with a seal

  --json           print the verdict as JSON

${installationHelp}`,
  async run(args, context) {
    const { values, flags, positionals, problems } = readArguments(
      args,
      [...installationOptions, "expect", "file"],
      { flags: ["json"], maxPositionals: 1 },
    );
    const [subcommand = ""] = positionals;
    const { expect: expected, file, ...installation } = values;
    if (subcommand !== "verify" && subcommand !== "export")
      throw new ConfigError([...problems, "usage: audit verify, audit export"]);
    if (subcommand === "export" && (expected ?? file) !== undefined)
      problems.push("audit export knows no --expect and no --file");
    if (problems.length > 0) throw new ConfigError(problems);
    await withInstallation(installation, context, async (opened) => {
      if (subcommand === "export") return exportTrail(opened, context);
      const text = file === undefined ? undefined : readExport(file);
      const verdict = await verify(opened, text);
      if (flags.has("json")) context.print(`${JSON.stringify(verdict, null, 2)}\n`);
      if (verdict.outcome === "broken") throw new CommandFailed(flaw(verdict));
      const isKnown =
        expected === undefined ||
        (text === undefined
          ? await createAuditTrail(opened.database).holds(expected)
          : text.includes(`"hash":"${expected}"`));
      if (!isKnown)
        throw new CommandFailed(
          "the audit trail agrees with itself, but no event in it has the expected hash",
        );
      if (!flags.has("json")) context.print(praise(verdict));
    });
  },
};

async function verify(
  { database, auditSealing }: OpenInstallation,
  text: string | undefined,
): Promise<ChainVerdict> {
  const sealing = await auditSealing();
  if (text !== undefined) return verifyExport(text, sealing.seal);
  return createAuditTrail(database).verifyChain({
    seal: sealing.seal,
    isExpected: await sealing.isExpected(),
  });
}

async function exportTrail(opened: OpenInstallation, { print }: CommandContext): Promise<void> {
  let end = { seq: 0, hash: "" };
  for await (const rows of createAuditTrail(opened.database).pages()) {
    for (const row of rows) {
      print(exportedEvent(row));
      end = { seq: row.seq, hash: row.hash };
    }
  }
  // What was printed stays of use to whoever looks for the flaw, but nothing vouches for it.
  const verdict = await verify(opened, undefined);
  if (verdict.outcome === "broken") throw new CommandFailed(flaw(verdict));
  print(exportedEnd(end, (await opened.auditSealing()).seal));
}

function readExport(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigError([`--file cannot be read: ${(cause as Error).message}`]);
  }
}

function praise({ rows, hash, sealedRows }: ChainVerdict & { outcome: "intact" }): string {
  const last = hash === "" ? "" : `, the last with the hash ${hash}`;
  const unsealed =
    sealedRows === rows
      ? ""
      : `The seal goes up to event ${sealedRows}; a server of this release seals what comes after it.\n`;
  return `The audit trail is whole: ${rows} events${last}.\n${unsealed}`;
}

function flaw({ seq, problem }: ChainVerdict & { outcome: "broken" }): string {
  switch (problem) {
    case "missing":
      return `the audit trail is broken: event ${seq} is missing`;
    case "altered":
      return `the audit trail is broken: event ${seq} is not as it was written`;
    case "added":
      return `the audit trail is broken: event ${seq} was added by another hand`;
    case "seal":
      return `the audit trail is broken: its events agree, but its end, event ${seq}, is not what was sealed`;
    case "journal":
      return `the audit trail is broken: its end, event ${seq}, is not what was written last`;
  }
}
