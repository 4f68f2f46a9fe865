// The tables as SQL sees them. Times are integer milliseconds since the epoch unless the name says
// seconds.

import type { Generated } from "kysely";

/** One account. `email_key` is the normalised address that the unique index compares. */
export interface UsersTable {
  id: string;
  email: string;
  email_key: string;
  name: string | null;
  /** Empty: the account has no password, and no login with one succeeds. */
  password_hash: string;
  /**
   * Grows with every password change (not with a rehash) and every disabling: a login that checked
   * before opens nothing.
   */
  password_version: number;
  /** JSON array of strings. */
  roles: string;
  status: "active" | "disabled";
  /**
   * 1: no session opens without a second factor, whatever the tables of factors hold. Has a default, for
   * a release that does not know it.
   */
  second_factor: Generated<0 | 1>;
  created_at: number;
  updated_at: number;
  /** Grows when the account's devices are to be known no more: tokens of an earlier epoch are over. */
  device_epoch: Generated<number>;
  /** The language of the account's mail. A release that knows no mail leaves it out. */
  locale: Generated<string>;
  /** When the owner showed that the address is theirs; null: never. */
  email_verified_at: Generated<number | null>;
  /**
   * Until then the first login is expected of whoever has just signed up, who is not told of it; null: none is.
   */
  login_expected_until: Generated<number | null>;
  /** JSON object: what the owner keeps with the account, as the app's schema has it. */
  metadata: Generated<string>;
  /** JSON object: what the app keeps with the account, and its owner cannot change. */
  app_metadata: Generated<string>;
  /** Grows with each change of what goes into the claims of tokens: those of before then open nothing. */
  claims_version: Generated<number>;
}

/**
 * One login on one device. The three integers of the renewal are `current`, `previous` and
 * `renewed_at`.
 */
export interface SessionsTable {
  sid: string;
  user_id: string;
  kind: "token" | "cookie";
  /**
   * SHA-256 of the cookie's secret (base64url); null for token sessions, which store nothing of
   * their tokens.
   */
  secret_hash: string | null;
  /** The generation that the newest refresh token carries. */
  current: number;
  /** The generation that was exchanged for it; null before the first renewal. */
  previous: number | null;
  /**
   * Tokens: when `current` was made. Cookies: the last use, written at most once a minute. The idle
   * limit counts from here.
   */
  renewed_at: number;
  /**
   * Whole seconds: access tokens of this session issued earlier are dead, so new ones carry at
   * least this `iat`.
   */
  tokens_before: number;
  /**
   * When the latest token of this session is dated, if it was renewed since while the clock was
   * set back by more than verifiers tolerate; null otherwise.
   */
  dated_ahead_until: number | null;
  /**
   * The user's roles as the next access token states them; kept in this row so that one row lock
   * orders them with renewals.
   */
  roles: string;
  /** When the session was opened: its absolute limit counts from here. */
  authenticated_at: number;
  /** When its owner last showed who they are; null: when it was opened. */
  proved_at: number | null;
  /**
   * What a step-up gave out and nobody has presented yet: the generation of a refresh token, or the hash of
   * a cookie's secret. A generation that is not above `current` has been presented, or given up.
   */
  pending: number | null;
  pending_secret_hash: string | null;
  /** What the session becomes once that is presented: its `amr`, and its `proved_at`. */
  pending_amr: string | null;
  pending_at: number | null;
  /** JSON array of strings (RFC 8176). */
  amr: string;
  client_id: string;
  /** JSON object. */
  device: string;
  ended_at: number | null;
  end_reason: string | null;
}

/**
 * The append-only log that verifiers follow. Exactly one of a session, a key, or everything is
 * meant by an entry.
 */
export interface RevocationsTable {
  seq: number;
  sid: string | null;
  kid: string | null;
  /** Whole seconds; null for a key. */
  tokens_before: number | null;
  /**
   * Whole seconds: when no token that the entry concerns can be alive; null for a key, which is
   * never forgotten.
   */
  expires_at: number | null;
}

/** The hash-chained trail of security events. */
export interface AuditTable {
  seq: number;
  at: number;
  event: string;
  actor_id: string | null;
  user_id: string | null;
  sid: string | null;
  address: string | null;
  /** JSON object. */
  detail: string;
  /** SHA-256 (base64url) over the previous row's hash and this row. */
  hash: string;
}

/**
 * What a transaction on PostgreSQL left for the trail and the feed, until it is numbered. Each row
 * is JSON of one event or of one revocation.
 */
export interface UnnumberedTable {
  id: Generated<number>;
  /** When it was left; the commit follows at once. */
  at: number;
  audit: string | null;
  revocation: string | null;
}

/** Where the trail and the feed end: one row, that whoever numbers them must find as they have read it. */
export interface SequencerTable {
  id: 1;
  audit_seq: number;
  audit_hash: string;
  revocation_seq: number;
  /**
   * Whole seconds: every access token issued earlier is dead, whosever it is; 0 when that was never
   * said.
   */
  tokens_before: number;
  /** The highest sequence number that pruning has removed; older cursors cannot be resumed. */
  revocation_pruned_seq: number;
  /** Random, and drawn anew when the numbers may no longer mean what they meant. */
  revocation_epoch: string;
  /**
   * The cluster (PostgreSQL) and its timeline in which the numbers were given; null before a release
   * that knows them has started, and where they are not told.
   */
  system_identifier: string | null;
  timeline: number | null;
  /** Up to which row of the trail the seal goes; null before a server of a release that seals has started. */
  audit_seal_seq: number | null;
  audit_seal: string | null;
  /** Number and hash of the last event that was removed from the beginning of the trail; 0 and "" while none was. */
  audit_start_seq: Generated<number>;
  audit_start_hash: Generated<string>;
  audit_start_seal: string | null;
}

/** One row. The canary is sealed under the master key. */
export interface InstanceTable {
  id: 1;
  canary: Uint8Array;
}

/** At most one row is pending and at most one active, by unique indexes. */
export interface SigningKeysTable {
  kid: string;
  algorithm: string;
  state: "pending" | "active" | "retiring" | "retired";
  /** The private JWK or secret, sealed; null once retired. */
  sealed: Uint8Array | null;
  created_at: number;
  promote_at: number;
  activated_at: number | null;
  keep_until: number | null;
  retired_at: number | null;
  revoked_at: number | null;
}

/** A proved address that an account had: until `undo_until` its owner can have it back, and nobody else can have it. */
export interface AddressChangesTable {
  id: string;
  user_id: string;
  email: string;
  email_key: string;
  changed_at: number;
  undo_until: number;
}

/** Somebody who may make an account at this address, with these roles. */
export interface InvitationsTable {
  id: string;
  email: string;
  email_key: string;
  /** JSON array of strings. */
  roles: string;
  /** Null: whoever runs the server. */
  invited_by: string | null;
  sent_at: number;
  expires_at: number;
}

/** What a running instance last said of itself, as JSON; on PostgreSQL alone, as SQLite has one instance. */
export interface InstanceReportsTable {
  id: string;
  reported_at: number;
  report: string;
}

/** What somebody or something has guessed wrong lately. The key is an HMAC: it names nobody. */
export interface ThrottlesTable {
  key: string;
  /** When all places are free again: the one integer that the rate is kept in. */
  empty_at: number;
  /** Wrong guesses since the last right one, where these are counted. */
  in_a_row: number;
  /** 1 once the trail has heard that this bucket refuses; 0 again when it has been empty. */
  told: 0 | 1;
}

/** A mail that is to be sent. It is deleted once it was. */
export interface OutboxTable {
  id: string;
  purpose: string;
  /** Whose mail it is; null where an address asked for it, which may have an account or not. */
  user_id: string | null;
  locale: string;
  /** JSON, sealed: the address, and what else nobody but the recipient should read. */
  sealed: Uint8Array;
  created_at: number;
  /** When it is tried next; while it is being sent, when others may take it over; null once it failed. */
  due_at: number | null;
  /** How often somebody took it to send it. */
  tries: number;
  /** Why it is not tried any more. */
  failure: string | null;
}

/** When mail was asked for last, for an address and purpose. The key is an HMAC: it names nobody. */
export interface MailRequestsTable {
  key: string;
  newest_at: number;
  second_at: number;
  third_at: number;
}

/** What was mailed to somebody to show again: a link, and a short code beside it. */
export interface OneTimeCodesTable {
  id: string;
  purpose: string;
  /** HMAC of the normalised address that it was made for. */
  address_hash: string;
  /** Null where no account has the address: then it opens nothing, and wrong codes count all the same. */
  user_id: string | null;
  /** The password version that it is bound to; null where a new password does not void it. */
  password_version: number | null;
  /** What it is about, by its purpose: a session, a change of address. */
  subject: string | null;
  /** SHA-256 of the link's 256 bits. */
  link_hash: string;
  /** HMAC of the short code; null where there is a link alone. */
  code_hash: string | null;
  wrong_tries: number;
  expires_at: number;
}

/** What whoever starts the server may make the first administrator with, for a few minutes. */
export interface SetupTokensTable {
  /** SHA-256 (base64url). */
  token_hash: string;
  expires_at: number;
}

/** The time-based codes of one account (RFC 6238). */
export interface TotpTable {
  user_id: string;
  sealed: Uint8Array;
  created_at: number;
  /** Null: a code was not given yet, so it does not count. */
  confirmed_at: number | null;
  /** The newest time step whose code was taken; none at or before it is. */
  last_step: number;
}

/** Used ones are gone. */
export interface RecoveryCodesTable {
  user_id: string;
  hash: string;
  /** 0: of a release that did not say. */
  created_at: Generated<number>;
}

/** How often wrong codes came for an account. */
export interface FactorAttemptsTable {
  user_id: string;
  /** Since the last right one, and since the last lock. */
  since_lock: number;
  /** Since the last right one. */
  in_a_row: number;
  locked_until: number;
}

/** Challenges that were sealed, given out and used: none is used twice. */
export interface SpentChallengesTable {
  id: string;
  expires_at: number;
}

/** One passkey (WebAuthn credential). */
export interface PasskeysTable {
  /** The credential's id, base64url. */
  id: string;
  user_id: string;
  name: string;
  /** COSE. */
  public_key: Uint8Array;
  counter: number;
  /** JSON array of strings. */
  transports: string;
  backup_eligible: 0 | 1;
  backed_up: 0 | 1;
  created_at: number;
  last_used_at: number | null;
}

/** A way of hashing passwords of which an import brought hashes. */
export interface PasswordSchemesTable {
  name: string;
  family: string;
  memory_kibibytes: number;
  work: number;
}

export interface Tables {
  users: UsersTable;
  sessions: SessionsTable;
  revocations: RevocationsTable;
  audit: AuditTable;
  /** The sequencer; see there about the name. */
  journal: SequencerTable;
  /** On PostgreSQL alone. */
  unnumbered: UnnumberedTable;
  instance: InstanceTable;
  signing_keys: SigningKeysTable;
  throttles: ThrottlesTable;
  password_schemes: PasswordSchemesTable;
  outbox: OutboxTable;
  mail_requests: MailRequestsTable;
  one_time_codes: OneTimeCodesTable;
  setup_tokens: SetupTokensTable;
  totp: TotpTable;
  recovery_codes: RecoveryCodesTable;
  factor_attempts: FactorAttemptsTable;
  spent_challenges: SpentChallengesTable;
  passkeys: PasskeysTable;
  address_changes: AddressChangesTable;
  invitations: InvitationsTable;
  instance_reports: InstanceReportsTable;
}
