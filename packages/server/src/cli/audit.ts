// countersign audit: is the trail of security events whole? And the trail as lines that prove themselves.
import { open } from "node:fs/promises";
import type { ChainVerdict, IntactChain } from "../audit/chain.ts";
import { eventMeanings } from "../audit/event-meanings.ts";
import { judgeExport } from "../audit/export.ts";
import { ConfigError } from "../errors.ts";
import { exportAudit } from "../operations/audit-export.ts";
import { isAuditSeal, listAudit, type ListedEvent, verifyAudit } from "../operations/audit.ts";
import { flaw } from "./audit-flaw.ts";
import { pruneTrail, readBefore } from "./audit-prune.ts";
import { type Asked, CommandFailed, type Group } from "./command.ts";
import {
  installationOptions,
  installationText,
  type ReachedInstallation,
  withInstallation,
} from "./installation.ts";
import { shownJson } from "./printing.ts";

export const audit: Group = {
  summary: "Read the audit trail, prove that it was not altered, export it, or remove what is old",
  examples: [
    "countersign audit list --account ada@example.com --since 2026-05-01",
    "countersign audit list --event login_failed --limit 20 --json",
    "countersign audit verify",
    "countersign audit verify --expect HASH --json",
    "countersign audit export > trail.jsonl",
    "countersign audit verify --file trail.jsonl",
    "countersign audit export --before 2026-01-01 > until-2026.jsonl",
    "countersign audit prune --before 2026-01-01 --expect HASH",
  ],
  options: installationOptions,
  optionsText: installationText,
  verbs: {
    list: {
      summary: "the events of the trail, newest first; with --json a line of JSON each",
      flags: {
        account: { summary: "those of one account: its id, or its address", value: "ACCOUNT" },
        event: { summary: "those of one kind, as docs/reference/audit-events.md names them", value: "EVENT" },
        since: {
          summary: "none before this day or time, such as 2026-05-01 or 2026-05-01T12:00:00Z",
          value: "TIME",
        },
        limit: { summary: "how many at most; 50 by default", value: "NUMBER" },
      },
      async run(asked, context) {
        const { account = null, event = null, since, limit = "50" } = asked.values;
        const sinceMs = since === undefined ? null : Date.parse(since);
        const problems = [
          ...(event === null || Object.hasOwn(eventMeanings, event)
            ? []
            : [`there is no event ${event.slice(0, 40)}`]),
          ...(sinceMs === null || sinceMs >= 0
            ? []
            : ["--since must be a day or a time, such as 2026-05-01"]),
          ...(/^[1-9]\d{0,8}$/.test(limit) ? [] : ["--limit must be a number from 1"]),
        ];
        if (problems.length > 0) throw new ConfigError(problems);
        await withInstallation(asked, context, async (installation) => {
          await installation.ask(
            listAudit,
            { account, event, since_ms: sinceMs, limit: Number(limit) },
            {
              onItem: (row) => context.print(asked.isJson ? `${JSON.stringify(row)}\n` : lineOf(row)),
            },
          );
        });
      },
    },
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
      flags: {
        before: { summary: "only what `audit prune` would remove with the same day or time", value: "TIME" },
      },
      async run(asked, context) {
        const { before } = asked.values;
        const input = before === undefined ? {} : { before_ms: readBefore(before) };
        await withInstallation(asked, context, async (installation) => {
          const verdict = await installation.ask(exportAudit, input, { onItem: context.print });
          if (verdict.outcome === "broken") throw new CommandFailed(flaw(verdict));
        });
      },
    },
    prune: pruneTrail,
  },
};

function lineOf({ seq, at, event, user_id: user, actor_id: actor, address, detail }: ListedEvent): string {
  const about = [user === null ? "" : `account ${user}`, actor === null ? "" : `by ${actor}`, address ?? ""];
  const rest = Object.keys(detail).length === 0 ? "" : shownJson(detail);
  return `${[String(seq), at, event, ...about, rest].filter((part) => part !== "").join("  ")}\n`;
}

async function verify(
  installation: ReachedInstallation,
  { values: { expect, file } }: Asked,
): Promise<{ verdict: ChainVerdict; isExpectedKnown: boolean }> {
  if (file === undefined) return installation.ask(verifyAudit, { expect: expect ?? null });
  const { verdict, places, isFound } = await readExport(file, expect);
  // The hashes are computed here; the key of the seals stays where it is.
  for (const { as, seq, hash, seal: mac } of places) {
    const place = { seq, hash, mac, ...(as !== "end" && { as }) };
    const { is_seal: isSeal } = await installation.ask(isAuditSeal, place);
    if (isSeal) continue;
    const problem = as === "start" ? "start" : "seal";
    return { verdict: { outcome: "broken", seq, problem }, isExpectedKnown: false };
  }
  return { verdict, isExpectedKnown: expect === undefined || isFound };
}

/** Line by line: a trail may be longer than any string. */
async function readExport(path: string, lookFor?: string): ReturnType<typeof judgeExport> {
  try {
    const file = await open(path);
    return await judgeExport(file.readLines(), lookFor);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    throw new ConfigError([`--file cannot be read: ${cause.message}`]);
  }
}

function praise({ rows, prunedRows, prunedHash, hash, sealedRows, waitingRows }: IntactChain): string {
  const last = hash === "" ? "" : `, the last with the hash ${hash}`;
  const start =
    prunedRows === 0
      ? ""
      : `It begins after event ${prunedRows}, which had the hash ${prunedHash}; what is older was removed by the command.\n`;
  const unsealed =
    sealedRows === rows
      ? ""
      : `The seal goes up to event ${prunedRows + sealedRows}; a server of this release seals what comes after it.\n`;
  const waiting =
    waitingRows === 0 ? "" : `${waitingRows} more events have no number yet; a server gives it.\n`;
  return `The audit trail is whole: ${rows} events${last}.\n${start}${unsealed}${waiting}`;
}
