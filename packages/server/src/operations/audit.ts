// Is the trail of security events whole? And the trail as lines that prove themselves.
import Type from "typebox";
import { exportedEnd, exportedEvent } from "../audit/export.ts";
import { type ChainVerdict, createAuditTrail } from "../audit/trail.ts";
import { schemaOf, strict } from "../http/schema.ts";
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
