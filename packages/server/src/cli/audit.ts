// countersign audit: is the trail of security events whole? And the trail as lines that prove themselves.
import { readFileSync } from "node:fs";
import { readExportedEnd, verifyExport } from "../audit/export.ts";
import type { ChainVerdict } from "../audit/trail.ts";
import { ConfigError } from "../errors.ts";
import { exportAudit, isAuditSeal, verifyAudit } from "../operations/audit.ts";
import { type Asked, CommandFailed, type Group } from "./command.ts";
import {
  installationOptions,
  installationText,
  type ReachedInstallation,
  withInstallation,
} from "./installation.ts";

export const audit: Group = {
  summary: "Prove that the audit trail was not altered, or export it",
  examples: [
    "countersign audit verify",
    "countersign audit verify --expect HASH --json",
    "countersign audit export > trail.jsonl",
    "countersign audit verify --file trail.jsonl",
  ],
  options: installationOptions,
  optionsText: installationText,
  verbs: {
    verify: {
      summary:
        "compute the hash of every event again, from the one before it, and judge the seal of the last, which needs the master key",
      text: [
        "Ends with 1 if an event was altered, removed or added since it was written, or if the trail was wiped or written anew.",
      ],
      flags: {
        expect: {
          summary: "and if no event has this hash: note the last one now and then, away from the database",
          value: "HASH",
        },
        file: {
          summary: "judge an export, with the master key of the installation",
          value: "FILE",
          isFile: true,
        },
      },
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          const { verdict, isExpectedKnown } = await verify(installation, asked);
          if (asked.isJson) await context.print(`${JSON.stringify(verdict, null, 2)}\n`);
          if (verdict.outcome === "broken") throw new CommandFailed(flaw(verdict));
          if (!isExpectedKnown)
            throw new CommandFailed(
              "the audit trail agrees with itself, but no event in it has the expected hash",
            );
          if (!asked.isJson) await context.print(praise(verdict));
        }),
    },
    export: {
      summary:
        "print the trail as JSON lines: every event with its hash, then the last number and hash with a seal",
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          const verdict = await installation.ask(exportAudit, {}, { onItem: context.print });
          if (verdict.outcome === "broken") throw new CommandFailed(flaw(verdict));
        }),
    },
  },
};

async function verify(
  installation: ReachedInstallation,
  { values: { expect, file } }: Asked,
): Promise<{ verdict: ChainVerdict; isExpectedKnown: boolean }> {
  if (file === undefined) return installation.ask(verifyAudit, { expect: expect ?? null });
  const text = readExport(file);
  const { seq = 0, hash = "", seal: mac = "" } = readExportedEnd(text) ?? {};
  // The hashes are computed here; the key of the seal stays where it is.
  const { is_seal: isSeal } = await installation.ask(isAuditSeal, { seq, hash, mac });
  const verdict = verifyExport(text, () => isSeal);
  return { verdict, isExpectedKnown: expect === undefined || text.includes(`"hash":"${expect}"`) };
}

function readExport(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigError([`--file cannot be read: ${(cause as Error).message}`]);
  }
}

function praise({ rows, hash, sealedRows, waitingRows }: ChainVerdict & { outcome: "intact" }): string {
  const last = hash === "" ? "" : `, the last with the hash ${hash}`;
  const unsealed =
    sealedRows === rows
      ? ""
      : `The seal goes up to event ${sealedRows}; a server of this release seals what comes after it.\n`;
  const waiting =
    waitingRows === 0 ? "" : `${waitingRows} more events have no number yet; a server gives it.\n`;
  return `The audit trail is whole: ${rows} events${last}.\n${unsealed}${waiting}`;
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
