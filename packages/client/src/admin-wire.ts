// What goes over the wire below /admin.
import type { ActivityRow, UserResponse } from "./wire.ts";

/** An account as administrators see it. */
export interface AdminAccount extends UserResponse {
  /** What the app keeps with the account; its owner does not see it. */
  readonly app_metadata: Readonly<Record<string, unknown>>;
  readonly status: "active" | "disabled";
  readonly updated_at: string;
}

/** `GET /admin/accounts`. A page may hold fewer than were asked for, or none, and yet not be the last. */
export interface AdminAccountsResponse {
  readonly accounts: readonly AdminAccount[];
  /** For the next page; null after the last one. */
  readonly next_cursor: string | null;
}

/** `POST /admin/accounts`: without a password; its owner sets the first one. */
export interface AdminAccountRequest {
  readonly email: string;
  readonly name?: string;
  /** Those of a sign-up by default. */
  readonly roles?: readonly string[];
}

/** An invitation that can still be used. */
export interface AdminInvitation {
  readonly id: string;
  readonly email: string;
  /** Those of the account that is made with it. */
  readonly roles: readonly string[];
  /** The id of the account that sent it; null: the command line. */
  readonly invited_by: string | null;
  readonly sent_at: string;
  readonly expires_at: string;
}

/** `GET /admin/invitations`. */
export interface AdminInvitationsResponse {
  readonly invitations: readonly AdminInvitation[];
  /** For the next page; null after the last one. */
  readonly next_cursor: string | null;
}

/** `POST /admin/invitations`; for an address that was invited already, its mail is sent once more. */
export interface InvitationRequest {
  readonly email: string;
  /** Those of a sign-up by default. */
  readonly roles?: readonly string[];
  /** The language of the mail; by default that of whoever asks (`Accept-Language`). */
  readonly locale?: "en" | "de";
}

/** `PATCH /admin/accounts/{id}`. */
export interface AppMetadataRequest {
  /** A merge patch (RFC 7396). */
  readonly app_metadata: Readonly<Record<string, unknown>>;
  /** Whether access tokens of before are refused from now on; their sessions live on. Default false. */
  readonly revoke_tokens?: boolean;
}

/** `PUT /admin/accounts/{id}/roles`. */
export interface RolesRequest {
  readonly roles: readonly string[];
}

/** `GET /me/permissions`: what whoever asks may do below `/admin`. */
export interface PermissionsResponse {
  readonly permissions: readonly string[];
}

/** `POST /admin/accounts/{id}/unlock`. */
export interface UnlockResponse {
  /** How many wrong passwords in a row had come from unknown devices. */
  readonly guesses_in_a_row: number;
}

/** `GET /admin/keys`: without what is sealed in it. */
export interface AdminKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly state: "pending" | "active" | "retiring" | "retired";
  readonly created_at: string;
  /** When it begins to sign. */
  readonly promote_at: string;
  /** Until when tokens that it signed are accepted. */
  readonly keep_until: string | null;
  readonly retired_at: string | null;
  /** Since when nothing is accepted that it signed, whatever its state. */
  readonly revoked_at: string | null;
}

/** `GET /admin/keys`, oldest first. */
export interface AdminKeysResponse {
  readonly keys: readonly AdminKey[];
  /** When the next key takes over, published or not; null while there is none to take over from. */
  readonly next_at: string | null;
}

/** One row of the audit trail. */
export interface AuditEntry extends ActivityRow {
  readonly actor_id: string | null;
  readonly user_id: string | null;
}

/** `GET /admin/audit`, newest first. */
export interface AuditResponse {
  readonly entries: readonly AuditEntry[];
}

/** `GET /admin/audit/chain`. */
export interface AuditChainResponse {
  readonly outcome: "intact" | "broken";
  /** How many rows there are; of a broken chain, the number of the last one that holds. */
  readonly rows: number;
  readonly checked_at: string;
}

/** An entry of the revocation feed: a session, a key, or everything (neither of the two). */
export interface AdminRevocation {
  readonly number: number;
  /** Of the session whose tokens are dead. */
  readonly sid: string | null;
  /** Of the key whose tokens are dead. */
  readonly kid: string | null;
  /** Tokens that were issued before then are dead: of a session that is over it lies ahead. Null: all, of a key. */
  readonly tokens_before: string | null;
  /** From then on no token can meet it; null: never, for a key. */
  readonly expires_at: string | null;
}

/** `GET /admin/revocations`, newest first. */
export interface AdminRevocationsResponse {
  readonly revocations: readonly AdminRevocation[];
}

/** Somebody who follows the revocation feed by a stream. */
export interface AdminFollower {
  /** Which instance it is connected to. */
  readonly instance: string;
  /** As `feedFollowers` has it; null: a stranger. */
  readonly name: string | null;
  /** That of a stranger. */
  readonly address: string | null;
  readonly since: string;
  /** Up to here it has been told everything. */
  readonly cursor: string;
  /** How many revocations come after that. */
  readonly behind: number;
  /** How long it has not been told everything. */
  readonly lag_seconds: number;
}

/** `GET /admin/followers`. */
export interface AdminFollowersResponse {
  readonly total: number;
  /** Those that have been behind the longest first; at most 1,000. */
  readonly followers: readonly AdminFollower[];
}

export interface AdminAmount {
  readonly count: number;
  /** False: an estimate, as there are many. */
  readonly is_exact: boolean;
}

/** `GET /admin/statistics`. */
export interface AdminStatisticsResponse {
  readonly counted_at: string;
  readonly accounts: AdminAmount;
  /** Those that are not over. */
  readonly sessions: AdminAmount;
  /** How many instances of the server run. */
  readonly instances: number;
  readonly followers: number;
  readonly logins: {
    /** How long they were counted: an hour, or less after a start. */
    readonly seconds: number;
    readonly succeeded: number;
    /** By the code of the refusal. */
    readonly failed: Readonly<Record<string, number>>;
  };
}
