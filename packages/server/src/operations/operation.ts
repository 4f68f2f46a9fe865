// What a command asks of an installation: one verb, run by whoever has the database open. That is the server, through its
// socket, or the command itself.
import type { TSchema } from "typebox";
import type { Administration } from "../admin/administration.ts";
import type { Inviting } from "../admin/inviting.ts";
import type { Permissions } from "../admin/permissions.ts";
import type { Database } from "../database/database.ts";
import type { InstanceReport } from "../instances/report.ts";
import type { SchemaOf } from "../http/schema.ts";
import type { AuditSealing } from "../keys/audit-sealing.ts";
import type { MasterKey } from "../keys/master-key.ts";
import type { SendTestMail } from "../mail/test-mail.ts";
import type { PasswordHashing } from "../passwords/hashing.ts";

/** The installation as an operation finds it: open, and in this process. */
export interface Installation {
  /** For the stores of the features, whose verbs the operations share with the routes. */
  readonly database: Database;
  /** What is recorded from now on is sealed. @throws KeyError `master_key_*` */
  masterKey(): Promise<MasterKey>;
  /** @throws KeyError `master_key_*` */
  auditSealing(): Promise<AuditSealing>;
  /** What administrators do with accounts. What is recorded from now on is sealed. @throws KeyError `master_key_*` */
  administration(): Promise<{
    readonly verbs: Administration;
    readonly inviting: Inviting;
    readonly permissions: Permissions;
  }>;
  /** Undefined where whoever has it open has no mail server. */
  readonly sendTestMail: SendTestMail | undefined;
  /** What the instances that run say of themselves; none where none runs. */
  instances(): Promise<readonly InstanceReport[]>;
  /** Whether some account may do everything. */
  hasAdministrator(): Promise<boolean>;
  /** On the machine that will verify these passwords. */
  readonly hashing: PasswordHashing;
}

/** What passes between an operation under way and the command that waits for it. */
export interface Exchange<Item> {
  /** Hands over one of many results; resolves when there is room for the next. */
  send(item: Item): Promise<void>;
  /** What the command sends after its input, in order. */
  readonly received: AsyncIterable<unknown>;
  /** Aborted when nobody waits for the result any more, or the server stops. */
  readonly signal: AbortSignal;
}

/** Input, items and result are JSON: they may pass through a socket. */
export interface Operation<Input, Result, Item = never> {
  /** A path segment of the socket's URLs. */
  readonly name: string;
  /** What the input is judged by. Where it comes from is this user alone, but perhaps of another release. */
  readonly input: SchemaOf<Input>;
  /** @throws OperationRefused, KeyError, StoreError, ServiceError */
  run(installation: Installation, input: Input, exchange: Exchange<Item>): Promise<Result>;
}

/** An operation in a list of all, whatever it takes and gives. */
export type AnyOperation = Pick<Operation<never, unknown>, "name" | "run"> & { readonly input: TSchema };

/** The operation found a reason against what it was asked for. The message is a sentence for the operator. */
export class OperationRefused extends Error {
  override readonly name = "OperationRefused";
}

/** Who the audit trail says it was. */
export const operator = { actorId: "command line" } as const;
