// Is the trail of security events whole? And the trail as lines that prove themselves.
import Type from "typebox";
import type { ChainVerdict, JudgedChain, JudgingOptions } from "../audit/chain.ts";
import { createAuditTrail } from "../audit/trail.ts";
import type { AuditDetail, AuditEventName } from "../database/audit-event.ts";
import type { SealedAs } from "../database/audit-seal.ts";
import { ServiceError } from "../errors.ts";
import { schemaOf, strict } from "../http/schema.ts";
import { isoTime } from "../iso-time.ts";
import type { Installation, Operation } from "./operation.ts";

export const verifyAudit: Operation<
  { readonly expect: string | null },
  { verdict: ChainVerdict; isExpectedKnown: boolean }
> = {
  name: "audit-verify",
  input: schemaOf<{ expect: string | null }>()(
    Type.Object({ expect: Type.Union([Type.String({ maxLength: 256 }), Type.Null()]) }, strict),
  ),
  async run(installation, { expect }, { signal }) {
    const { verdict, isFound } = await judgeTrail(installation, {
      lookFor: expect ?? undefined,
      onPage: () => signal.throwIfAborted(),
    });
    return { verdict, isExpectedKnown: expect === null || isFound };
  },
};

export interface IsSealInput {
  readonly seq: number;
  readonly hash: string;
  readonly mac: string;
  /** @default "end", which is all that the release before knows */
  readonly as?: SealedAs;
}

/** Whether this is the seal of a place in the trail: for an export, whose hashes its reader computes. */
export const isAuditSeal: Operation<IsSealInput, { is_seal: boolean }> = {
  name: "audit-is-seal",
  input: schemaOf<IsSealInput>()(
    Type.Object(
      {
        seq: Type.Integer({ minimum: 0 }),
        hash: Type.String({ maxLength: 256 }),
        mac: Type.String({ maxLength: 256 }),
        as: Type.Optional(Type.Union([Type.Literal("end"), Type.Literal("start"), Type.Literal("part")])),
      },
      strict,
    ),
  ),
  async run(installation, { seq, hash, mac, as }) {
    const { seal } = await installation.auditSealing();
    return { is_seal: seal.isOf({ seq, hash }, mac, as) };
  },
};

export interface AuditListInput {
  /** An id or an address; that of a deleted account is its id. */
  readonly account: string | null;
  readonly event: string | null;
  readonly since_ms: number | null;
  readonly limit: number;
}

/** A row as it is shown. */
export interface ListedEvent {
  readonly seq: number;
  readonly at: string;
  readonly event: string;
  readonly actor_id: string | null;
  readonly user_id: string | null;
  readonly sid: string | null;
  readonly address: string | null;
  readonly detail: AuditDetail;
}

const pageRows = 200;
/** For a filter without an index: a server on SQLite stands still for no longer than these take to read. */
const windowRows = 20_000;
const nullable = Type.Null();

/** Newest first, row by row. */
export const listAudit: Operation<AuditListInput, { found: number }, ListedEvent> = {
  name: "audit-list",
  input: schemaOf<AuditListInput>()(
    Type.Object(
      {
        account: Type.Union([Type.String({ minLength: 1, maxLength: 254 }), nullable]),
        event: Type.Union([Type.String({ maxLength: 64 }), nullable]),
        since_ms: Type.Union([Type.Integer({ minimum: 0 }), nullable]),
        limit: Type.Integer({ minimum: 1 }),
      },
      strict,
    ),
  ),
  async run(installation, { account, event, since_ms: sinceMs, limit }, { send, signal }) {
    const trail = createAuditTrail(installation.database);
    // What waits for its number gets it now, under the seal.
    await installation.auditSealing();
    const userId = account === null ? undefined : await idOf(installation, account);
    const filter = {
      userId,
      event: (event ?? undefined) as AuditEventName | undefined,
      sinceMs: sinceMs ?? undefined,
    };
    const [newest] = await trail.list({ limit: 1 });
    const first = (await trail.start()).seq + 1;
    let found = 0;
    for (let before = (newest?.seq ?? 0) + 1; before > first && found < limit;) {
      signal.throwIfAborted();
      const from = Math.max(first, before - windowRows);
      const most = Math.min(pageRows, limit - found);
      const rows = await trail.list({ ...filter, before, from, limit: most });
      for (const { seq, atMs, actorId, userId: user, ...row } of rows)
        await send({ ...row, seq, at: isoTime(atMs), actor_id: actorId, user_id: user });
      found += rows.length;
      before = rows.length < most ? from : (rows.at(-1)?.seq ?? from);
    }
    return { found };
  },
};

/** The trail keeps the ids of accounts that are gone. */
async function idOf(installation: Installation, account: string): Promise<string> {
  const { verbs } = await installation.administration();
  try {
    return (await verbs.find(account)).id;
  } catch (error) {
    if (error instanceof ServiceError && error.code === "not_found") return account;
    throw error;
  }
}

/** With the seal of its end, which needs the key. */
export async function judgeTrail(
  installation: Installation,
  options: Omit<JudgingOptions, "expected">,
): Promise<JudgedChain> {
  const sealing = await installation.auditSealing();
  const expected = { seal: sealing.seal, isExpected: await sealing.isExpected() };
  return createAuditTrail(installation.database).judgeChain({ ...options, expected });
}
