// countersign audit: is the trail of security events whole?
import { createAuditTrail } from "../audit/trail.ts";
import { ConfigError } from "../errors.ts";
import type { ChainVerdict } from "../audit/trail.ts";
import { type Command, CommandFailed, readArguments } from "./command.ts";
import { installationHelp, installationOptions, withInstallation } from "./installation.ts";

export const audit: Command = {
  summary: "Prove that the audit trail was not altered",
  help: `Usage: countersign audit verify [options]

Computes the hash of every event again, from the one before it. Ends with 1 if an event was altered, removed or added
since it was written. The last hash stands for the whole trail: with a copy of it elsewhere, a trail that somebody wrote
anew from its beginning is noticed too.

  --json            print JSON

${installationHelp}`,
  async run(args, surroundings) {
    const { values, flags, positionals, problems } = readArguments(args, installationOptions, {
      flags: ["json"],
      maxPositionals: 1,
    });
    if (positionals[0] !== "verify") throw new ConfigError([...problems, "say: countersign audit verify"]);
    if (problems.length > 0) throw new ConfigError(problems);
    await withInstallation(values, surroundings, async ({ database }) => {
      const verdict = await createAuditTrail(database).verifyChain();
      if (flags.has("json")) surroundings.print(`${JSON.stringify(verdict, null, 2)}\n`);
      if (verdict.outcome === "broken") throw new CommandFailed(flaw(verdict));
      if (!flags.has("json")) {
        const hash = verdict.hash === "" ? "" : `, the last with the hash ${verdict.hash}`;
        surroundings.print(`The audit trail is whole: ${verdict.rows} events${hash}.\n`);
      }
    });
  },
};

function flaw({ seq, problem }: ChainVerdict & { outcome: "broken" }): string {
  switch (problem) {
    case "missing":
      return `the audit trail is broken: event ${seq} is missing`;
    case "altered":
      return `the audit trail is broken: event ${seq} is not as it was written`;
    case "added":
      return `the audit trail is broken: event ${seq} was added by another hand`;
    case "journal":
      return `the audit trail is broken: its end, event ${seq}, is not what was written last`;
  }
}
