// What a session's row means: whether it lives, and what the tokens made from it say.

import {
  sql,
  type AliasedRawBuilder,
  type ExpressionBuilder,
  type ExpressionWrapper,
  type RawBuilder,
  type SqlBool,
} from "kysely";
import type { Database } from "../database/database.ts";
import { rolesOfSession, type SessionGrant, type SessionLimits } from "./session.ts";
import type { SessionsTable, Tables } from "../database/tables.ts";

export type OnSession = ExpressionBuilder<Tables, "sessions">;

/** Not ended and within both limits. A limit is reached at its very millisecond. */
export function isLive(
  database: Database,
  limits: SessionLimits,
  on: OnSession,
): ExpressionWrapper<Tables, "sessions", SqlBool> {
  const ago = (seconds: number) => sql<number>`${database.now()} - ${sql.lit(seconds * 1000)}`;
  return on.and([
    on("ended_at", "is", null),
    on("renewed_at", ">", ago(limits.idleSeconds)),
    on("authenticated_at", ">", ago(limits.absoluteSeconds)),
  ]);
}

export function isUserActive(on: OnSession): ExpressionWrapper<Tables, "sessions", SqlBool> {
  return on.exists(
    on
      .selectFrom("users")
      .select("users.id")
      .whereRef("users.id", "=", "sessions.user_id")
      .where("users.status", "=", "active"),
  );
}

/** Whether a cookie with this secret is the session's: the one in use, or one that a step-up gave out. */
export function isHeldBy(on: OnSession, secretHash: string): ExpressionWrapper<Tables, "sessions", SqlBool> {
  return on.or([
    on("secret_hash", "=", secretHash),
    on.and([on("pending_secret_hash", "=", secretHash), on("pending_amr", "is not", null)]),
  ]);
}

/** A condition as a column, the same 0 or 1 on both databases. */
export function flag(condition: ExpressionWrapper<Tables, "sessions", SqlBool>): RawBuilder<number> {
  return sql<number>`case when ${condition} then 1 else 0 end`;
}

/** What a new row says; whatever selects its values does so in this order. */
export const newSessionColumns = [
  "sid",
  "user_id",
  "kind",
  "secret_hash",
  "current",
  "previous",
  "renewed_at",
  "tokens_before",
  "roles",
  "authenticated_at",
  "proved_at",
  "amr",
  "client_id",
  "device",
] as const;

const ownColumns = [
  "sessions.sid",
  "sessions.user_id",
  "sessions.roles",
  "sessions.client_id",
  "sessions.amr",
  "sessions.authenticated_at",
  "sessions.proved_at",
  "sessions.renewed_at",
  "sessions.tokens_before",
] as const;

export const grantColumns: readonly [...typeof ownColumns, typeof secondFactor] = [
  ...ownColumns,
  secondFactor,
];

/** As a column: whether the account has a second factor now. */
export function secondFactor(): AliasedRawBuilder<number | null, "second_factor"> {
  const [factor, id, owner] = [
    sql.ref("users.second_factor"),
    sql.ref("users.id"),
    sql.ref("sessions.user_id"),
  ];
  return sql<number | null>`(select ${factor} from ${sql.table("users")} where ${id} = ${owner})`.as(
    "second_factor",
  );
}

/** As a column; the journal always has its one row. */
export function globalTokensBefore(): AliasedRawBuilder<number, "global_tokens_before"> {
  const column = sql.ref("journal.tokens_before");
  return sql<number>`(select ${column} from ${sql.table("journal")})`.as("global_tokens_before");
}

interface GrantRow extends Pick<
  SessionsTable,
  | "sid"
  | "user_id"
  | "roles"
  | "client_id"
  | "amr"
  | "authenticated_at"
  | "proved_at"
  | "renewed_at"
  | "tokens_before"
> {
  readonly global_tokens_before: number;
  readonly second_factor: number | null;
  readonly now: number;
}

export function grantOf(
  row: GrantRow,
  limits: Pick<SessionLimits, "idleSeconds" | "absoluteSeconds" | "rolesWithSecondFactor">,
): SessionGrant {
  const { idleSeconds, absoluteSeconds } = limits;
  const amr = JSON.parse(row.amr) as string[];
  const endMs = Math.min(row.renewed_at + idleSeconds * 1000, row.authenticated_at + absoluteSeconds * 1000);
  return {
    sid: row.sid,
    userId: row.user_id,
    roles: rolesOfSession(
      JSON.parse(row.roles) as string[],
      { amr, secondFactor: row.second_factor === 1 },
      limits,
    ),
    clientId: row.client_id,
    amr,
    authTime: Math.floor((row.proved_at ?? row.authenticated_at) / 1000),
    issuedAt: Math.max(Math.floor(row.now / 1000), row.tokens_before, row.global_tokens_before),
    askedAt: Math.floor(row.now / 1000),
    endsAt: Math.floor(endMs / 1000),
  };
}
