// Is the trail of security events whole? And the trail as lines that prove themselves.
import Type from "typebox";
import { exportedEnd, exportedEvent } from "../audit/export.ts";
import { type ChainVerdict, createAuditTrail } from "../audit/trail.ts";
import type { AuditDetail, AuditEventName } from "../database/audit-event.ts";
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
  async run(installation, { expect }) {
    const verdict = await verify(installation);
    return {
      verdict,
      isExpectedKnown: expect === null || (await createAuditTrail(installation.database).holds(expect)),
    };
  },
};

/** Whether this is the seal of an end of the trail: for an export, whose hashes its reader computes. */
export const isAuditSeal: Operation<
  { readonly seq: number; readonly hash: string; readonly mac: string },
  { is_seal: boolean }
> = {
  name: "audit-is-seal",
  input: schemaOf<{ seq: number; hash: string; mac: string }>()(
    Type.Object(
      {
        seq: Type.Integer({ minimum: 0 }),
        hash: Type.String({ maxLength: 256 }),
        mac: Type.String({ maxLength: 256 }),
      },
      strict,
    ),
  ),
  async run(installation, { seq, hash, mac }) {
    const { seal } = await installation.auditSealing();
    return { is_seal: seal.isOf({ seq, hash }, mac) };
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
    let found = 0;
    for (let before = (newest?.seq ?? 0) + 1; before > 1 && found < limit;) {
      signal.throwIfAborted();
      const from = Math.max(1, before - windowRows);
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

/** Its items are pages of whole lines, the last of which is the end with its seal. */
export const exportAudit: Operation<Record<never, never>, ChainVerdict, string> = {
  name: "audit-export",
  input: Type.Object({}, strict),
  async run(installation, _input, { send, signal }) {
    let end = { seq: 0, hash: "" };
    for await (const rows of createAuditTrail(installation.database).pages()) {
      signal.throwIfAborted();
      await send(rows.map(exportedEvent).join(""));
      const last = rows.at(-1);
      if (last !== undefined) end = { seq: last.seq, hash: last.hash };
    }
    // What was sent stays of use to whoever looks for the flaw, but nothing vouches for it.
    const verdict = await verify(installation);
    if (verdict.outcome === "intact") await send(exportedEnd(end, (await installation.auditSealing()).seal));
    return verdict;
  },
};

async function verify(installation: Installation): Promise<ChainVerdict> {
  const sealing = await installation.auditSealing();
  return createAuditTrail(installation.database).verifyChain({
    seal: sealing.seal,
    isExpected: await sealing.isExpected(),
  });
}
