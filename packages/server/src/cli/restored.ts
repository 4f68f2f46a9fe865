// countersign restored: says of a database that it was brought back from a copy, by whatever tool.
import { declareRestored, type RestoredResult } from "../operations/restored.ts";
import { type Single, yesFlag } from "./command.ts";
import { installationOptions, installationText, withInstallation } from "./installation.ts";
import { confirm, printResult } from "./printing.ts";

/** A whole table is changed at once. */
const maintenanceMs = 3_600_000;

export const restored: Single = {
  summary: "Refuse all that was issued before this database was brought back from a copy",
  text: [
    "A copy does not know what happened after it was made: log-outs, new passwords, revoked keys. So all sessions end, access tokens are void, new keys sign, codes, links, challenges and device tokens are void, and mail that was not sent is dropped. Everybody logs in again. `countersign restore` does all of this itself.",
    "Run it after pg_restore, after point-in-time recovery, and on an SQLite file that was copied, before the server starts. On PostgreSQL, best while no server runs.",
  ],
  examples: [
    'countersign restored --database "$COUNTERSIGN_DATABASE_URL"',
    "countersign restored --keep-sessions --yes",
  ],
  flags: {
    yes: yesFlag,
    "keep-sessions": {
      summary:
        "Leave sessions alive, where no history was lost, as after pg_upgrade. If some was, sessions that had ended live again, and whoever holds one of their tokens is let in",
    },
  },
  options: installationOptions,
  optionsText: installationText,
  async run(asked, context) {
    const keepSessions = asked.flags.has("keep-sessions");
    await confirm(
      asked,
      context,
      keepSessions
        ? "New signing keys are made and codes are void. Sessions stay: those that ended after the copy was made live again."
        : "All sessions end, and everybody logs in again.",
    );
    await withInstallation(
      asked,
      context,
      async (installation) => {
        const done = await installation.ask(declareRestored, { keep_sessions: keepSessions });
        await printResult(asked, context, done, reportOf(done));
      },
      { statementTimeoutMs: maintenanceMs, acceptsAnyHistory: true },
    );
  },
};

/** What was done, and what the copy may have brought back. */
export function reportOf(done: RestoredResult): string {
  const { came_back: back, last_event_at: last } = done;
  const sessions = done.kept_sessions
    ? "Sessions were left alive, those included that ended after the copy was made."
    : `${counted(done.ended_sessions, "session")} ended, and access tokens are void: everybody logs in again.`;
  const since = last === null ? "What happened after the copy was made" : `What happened after ${last}`;
  const lines = [
    sessions,
    `${counted(done.revoked_keys.length, "signing key")} revoked; a new one signs. ` +
      `${counted(done.voided_codes, "code and link", "codes and links")} void, ${counted(done.dropped_mail, "mail")} dropped.`,
    "",
    `${since} is not known here. The copy may have brought back:`,
    `  passwords that were changed since, of ${counted(back.passwords, "account")} with one`,
    `  authenticator apps that were removed since, of ${back.authenticator_apps}; others are gone`,
    `  recovery codes that were used since, of ${counted(back.accounts_with_recovery_codes, "account")}`,
    `  passkeys that were removed since, of ${back.passkeys}; others are gone`,
    `  accounts that were disabled or deleted since, of ${back.accounts}; ${back.disabled_accounts} are disabled now`,
    `  roles that were taken away since`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
