// What the audit trail is told of, and the hash that chains its rows: shared by whoever writes and
// whoever proves them.

import { hash } from "node:crypto";
import type { AuditTable } from "./tables.ts";

/** Every kind of event in the trail. */
export type AuditEventName =
  | "account_created"
  | "invitation_sent"
  | "invitation_revoked"
  | "accounts_imported"
  | "accounts_exported"
  | "account_changed"
  | "account_deleted"
  | "account_disabled"
  | "account_enabled"
  | "password_changed"
  | "roles_changed"
  | "login_failed"
  | "guessing_refused"
  | "guessing_locked"
  | "guessing_unlocked"
  | "mail_failed"
  | "password_reset_sent"
  | "password_reset"
  | "email_verified"
  | "email_changed"
  | "email_change_undone"
  | "password_voided"
  | "factor_added"
  | "factor_removed"
  | "factor_locked"
  | "passkey_counter_behind"
  | "recovery_codes_renewed"
  | "recovery_code_used"
  | "login_disowned"
  | "session_opened"
  | "session_stepped_up"
  | "session_raised"
  | "session_ended"
  | "sessions_ended"
  | "renewal_late"
  | "renewal_reused"
  | "renewal_from_future"
  | "everything_revoked"
  | "trail_pruned"
  | "backup_made"
  | "restored"
  | "key_created"
  | "key_staged"
  | "key_activated"
  | "key_retired"
  | "key_revoked"
  | "key_exported";

export type AuditDetail = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface AuditEvent {
  readonly event: AuditEventName;
  /** Who did it, when it was not the user themselves: an administrator's id. */
  readonly actorId?: string | null;
  /** Whom it happened to. */
  readonly userId?: string | null;
  readonly sid?: string | null;
  /** The network address that it came from. */
  readonly address?: string | null;
  /** Never token material, passwords or hashes of them. */
  readonly detail?: AuditDetail;
}

/**
 * Who asks for a change: an administrator when it is not the user, and the network address of the
 * request.
 */
export interface Origin {
  readonly actorId?: string | null;
  readonly address?: string | null;
}

/** The hash of a row: over the hash before it and every column, as one JSON array. */
export function chainHash(previousHash: string, row: Omit<AuditTable, "hash">): string {
  const fields = [row.seq, row.at, row.event, row.actor_id, row.user_id, row.sid, row.address, row.detail];
  return hash("sha256", JSON.stringify([previousHash, ...fields]), "base64url");
}
