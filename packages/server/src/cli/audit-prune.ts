// countersign audit prune: the oldest events are removed, once the trail was proved.
import { ConfigError } from "../errors.ts";
import { isoTime } from "../iso-time.ts";
import { pruneAudit, type PruneAuditResult } from "../operations/audit-prune.ts";
import { flaw } from "./audit-flaw.ts";
import { CommandFailed, type Verb, yesFlag } from "./command.ts";
import { withInstallation } from "./installation.ts";
import { confirm, printResult, showProgress } from "./printing.ts";

export const pruneTrail: Verb = {
  summary: "remove the oldest events, once the whole trail is proved; what is left proves itself as before",
  text: [
    "Export them first: countersign audit export --before TIME. It removes events from the first on, as long as they are older, and never the newest ones that the seal is about. Where the trail begins then is sealed, and the trail says trail_pruned.",
    "It can be broken off at any time, and run again.",
  ],
  flags: {
    before: {
      summary: "the first day or time to keep, such as 2026-01-01 or 2026-01-01T12:00:00Z; needed",
      value: "TIME",
    },
    expect: {
      summary: "only if the last event to go has this hash: that which `verify --file` prints for the export",
      value: "HASH",
    },
    yes: yesFlag,
  },
  async run(asked, context) {
    const { before, expect } = asked.values;
    const beforeMs = readBefore(before);
    await confirm(asked, context, `Every event before ${isoTime(beforeMs)} will be removed from the trail.`);
    await withInstallation(asked, context, async (installation) => {
      const shown = {
        proving: showProgress(context, "Proving"),
        removing: showProgress(context, "Removing"),
      };
      try {
        const done = await installation.ask(
          pruneAudit,
          { before_ms: beforeMs, expect: expect ?? null },
          { onItem: ({ doing, done: count, total }) => shown[doing].at(count, total) },
        );
        shown.removing.end();
        await report(done);
      } finally {
        shown.proving.end();
      }
    });

    async function report({ flaw: found, removed, last, hash, rows }: PruneAuditResult): Promise<void> {
      if (found !== null) throw new CommandFailed(`${flaw(found)}; nothing was removed`);
      const text =
        removed === 0
          ? "No event at the beginning of the trail is older; nothing was removed.\n"
          : `${removed} events are removed, the last with the hash ${hash}. ${rows} are left, and the trail says so.\n`;
      await printResult(asked, context, { removed, last, hash, rows }, text);
    }
  },
};

/** @throws ConfigError for what is no day or time, and for one to come */
export function readBefore(text: string | undefined): number {
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.test(
    text ?? "",
  );
  const ms = isTime ? Date.parse(text ?? "") : Number.NaN;
  if (!(ms >= 0))
    throw new ConfigError(["--before must be a day or a time, such as 2026-01-01 or 2026-01-01T12:00:00Z"]);
  if (ms > Date.now()) throw new ConfigError([`--before lies in the future: ${text}`]);
  return ms;
}
