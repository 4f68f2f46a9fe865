// What makes a restored database safe to serve from: nothing that was issued before is accepted any more.
import Type from "typebox";
import { schemaOf, strict } from "../http/schema.ts";
import { isoTime } from "../iso-time.ts";
import type { Database } from "../database/database.ts";
import { createSigningKeyChanges } from "../keys/changes.ts";
import type { MasterKey } from "../keys/master-key.ts";
import { createSealedKeys } from "../keys/sealed-keys.ts";
import { createSigningKeyStore } from "../keys/store.ts";
import { createRevocationLog } from "../revocations/store.ts";
import { revokeEverything } from "../sessions/revoke-everything.ts";
import { type Operation, operator } from "./operation.ts";
import { createRestoredStore } from "./restored-store.ts";

export interface RestoredResult {
  readonly kept_sessions: boolean;
  readonly ended_sessions: number;
  readonly revoked_keys: readonly string[];
  readonly voided_codes: number;
  readonly dropped_mail: number;
  /** RFC 3339: what happened after it is not known here. */
  readonly last_event_at: string | null;
  /** How much of each there is, of which some may have been changed, removed or disabled since. */
  readonly came_back: {
    readonly accounts: number;
    readonly disabled_accounts: number;
    readonly passwords: number;
    readonly authenticator_apps: number;
    readonly accounts_with_recovery_codes: number;
    readonly passkeys: number;
  };
}

export const declareRestored: Operation<{ readonly keep_sessions: boolean }, RestoredResult> = {
  name: "restored",
  input: schemaOf<{ keep_sessions: boolean }>()(Type.Object({ keep_sessions: Type.Boolean() }, strict)),
  async run(installation, { keep_sessions: keepSessions }) {
    return refuseWhatWasIssued(installation.database, await installation.masterKey(), keepSessions);
  },
};

/**
 * Other keys sign: one that was revoked after the copy was made is in it as a good one. Sessions end and access tokens are
 * void; codes, links, challenges and device tokens are, too. The feed has a new epoch, as its numbers may have been given
 * out with another meaning. It comes last: whoever is stopped half way does all of it again.
 */
export async function refuseWhatWasIssued(
  database: Database,
  masterKey: MasterKey,
  keepSessions: boolean,
): Promise<RestoredResult> {
  const restored = createRestoredStore(database);
  const lastEventAtMs = await restored.lastEventAtMs();
  const store = createSigningKeyStore(database);
  const changes = createSigningKeyChanges({ store, sealedKeys: createSealedKeys(masterKey) });
  const keys = (await store.all()).filter(({ revokedAtMs }) => revokedAtMs === undefined);
  // The active one last, so that what then begins to sign is new.
  const inOrder = keys.toSorted((a, b) => Number(a.state === "active") - Number(b.state === "active"));
  for (const { kid } of inOrder) await changes.revoke(kid, operator);
  // While the sessions live: it looks at their newest tokens.
  if (!keepSessions) await revokeEverything(database, operator);
  const done = await restored.refuseWhatWasGivenOut({
    keepSessions,
    revokedKeys: keys.length,
    origin: operator,
  });
  await createRevocationLog(database).beginEpoch();
  return {
    kept_sessions: keepSessions,
    ended_sessions: done.endedSessions,
    revoked_keys: keys.map(({ kid }) => kid),
    voided_codes: done.voidedCodes,
    dropped_mail: done.droppedMail,
    last_event_at: lastEventAtMs === undefined ? null : isoTime(lastEventAtMs),
    came_back: {
      accounts: done.accounts,
      disabled_accounts: done.disabledAccounts,
      passwords: done.passwords,
      authenticator_apps: done.authenticatorApps,
      accounts_with_recovery_codes: done.accountsWithRecoveryCodes,
      passkeys: done.passkeys,
    },
  };
}
