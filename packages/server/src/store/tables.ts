// The tables as Kysely sees them. Times are whole milliseconds since the epoch, by the database's clock.
import type { ColumnType, Generated } from "kysely";

export interface Tables {
  users: UsersTable;
  sessions: SessionsTable;
  revocations: RevocationsTable;
  instance: InstanceTable;
}

export interface UsersTable {
  id: string;
  email: string;
  /** What is unique: the normalised form. */
  email_key: string;
  name: string | null;
  password_hash: string;
  /** A JSON array of strings. */
  roles: string;
  status: "active" | "disabled";
  created_at: ColumnType<number, unknown, never>;
}

export interface SessionsTable {
  id: string;
  user_id: string;
  device: string | null;
  created_at: ColumnType<number, unknown, never>;
  ended_at: ColumnType<number | null, unknown, unknown>;
}

export interface RevocationsTable {
  seq: Generated<number>;
  sid: string;
  /** Seconds: tokens of the session issued before are dead. */
  tokens_before: ColumnType<number, unknown, never>;
  /** Seconds: no token of the session lives longer. */
  expires_at: ColumnType<number, unknown, never>;
}

export interface InstanceTable {
  id: 1;
  canary: Uint8Array;
}
