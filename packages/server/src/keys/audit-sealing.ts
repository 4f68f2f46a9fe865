// Under which key the audit trail is sealed, and how an installation knows that it was.
import { type AuditSeal, createAuditSeal } from "../database/audit-seal.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { InstallationStore } from "./installation-store.ts";
import type { MasterKey } from "./master-key.ts";
import { createSealer, type SealContext } from "./sealing.ts";

/** In the canary of an installation whose trail is sealed; nobody without the master key can take it back. */
const sealedText = Buffer.from("countersign, audit trail sealed");
const canaryContext: SealContext = { purpose: "instance-canary", kid: "instance" };

export interface AuditSealing {
  readonly seal: AuditSeal;
  /** Whether the trail must have a seal: a server of this release has run here. */
  isExpected(): Promise<boolean>;
  /**
   * Seals what is recorded from now on, and at a server's first start what there is. Answers whether
   * all is in order; a trail whose seal is missing or false is not sealed anew, so that it shows.
   */
  begin(): Promise<boolean>;
}

export function createAuditSealing({
  masterKey,
  installation,
  audit,
}: {
  readonly masterKey: MasterKey;
  readonly installation: InstallationStore;
  readonly audit: Pick<AuditTrail, "sealWith" | "sealNow">;
}): AuditSealing {
  const sealer = createSealer(masterKey.derive("instance-canary"));
  const seal = createAuditSeal(masterKey.derive("audit-seal"));

  async function isExpected(): Promise<boolean> {
    const canary = await installation.readCanary();
    return canary !== undefined && sealer.open(canary, canaryContext).equals(sealedText);
  }

  return {
    seal,
    isExpected,
    async begin() {
      audit.sealWith(seal);
      const isFirst = !(await isExpected());
      const isSealed = await audit.sealNow({ isFirst });
      if (isFirst && isSealed) await installation.replaceCanary(sealer.seal(sealedText, canaryContext));
      return isSealed;
    },
  };
}
