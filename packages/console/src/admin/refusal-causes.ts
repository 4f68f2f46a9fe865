// Why a login was refused, from the account as it is and what the trail says of it: nothing but what stands there.
import type { AdminAccount, AuditEntry } from "@countersign/client";

/** Which sentence it is, when it was, and what it names. The newest first. */
export interface Cause {
  readonly kind:
    | "disabled"
    | "locked"
    | "refused"
    | "factor_locked"
    | "no_password"
    | "mail_failed"
    | "reused"
    | "password_changed";
  /** `undefined` for what was not in the rows that were read. */
  readonly at: string | undefined;
  readonly detail: AuditEntry["detail"];
}

/** Longer ago, a refusal that ends by itself is over. */
const recentMs = 24 * 3600 * 1000;

export function causesOf(
  account: AdminAccount,
  entries: readonly AuditEntry[],
  nowMs: number,
): readonly Cause[] {
  const causes: Cause[] = [];
  const newest = (...events: readonly string[]): AuditEntry | undefined =>
    entries.find(({ event }) => events.includes(event));
  const add = (kind: Cause["kind"], entry: AuditEntry | undefined): void => {
    causes.push({ kind, at: entry?.at, detail: entry?.detail ?? {} });
  };

  if (account.status === "disabled") add("disabled", newest("account_disabled"));
  const lock = newest("guessing_locked", "guessing_unlocked", "password_reset");
  if (lock?.event === "guessing_locked") add("locked", lock);
  const made = newest("account_created");
  const isMadeByOther = made !== undefined && made.actor_id !== null && made.actor_id !== account.id;
  if (isMadeByOther && newest("password_reset", "password_changed") === undefined) add("no_password", made);

  const seen = new Set<string>();
  for (const entry of entries) {
    const kind = transient[entry.event];
    if (kind === undefined || seen.has(kind) || nowMs - Date.parse(entry.at) > recentMs) continue;
    seen.add(kind);
    add(kind, entry);
  }
  return causes.toSorted((one, other) => (other.at ?? "").localeCompare(one.at ?? ""));
}

const transient: Readonly<Record<string, Cause["kind"] | undefined>> = {
  guessing_refused: "refused",
  factor_locked: "factor_locked",
  mail_failed: "mail_failed",
  renewal_reused: "reused",
  password_changed: "password_changed",
  password_reset: "password_changed",
};
