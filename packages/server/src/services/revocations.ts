// The revocations that this process judges requests by, kept up with the store.
import { RevocationList, type Revocation } from "@countersign/verifier";
import type { RevocationEntry } from "../store/revocations.ts";
import type { Store } from "../store/store.ts";

/** A list that holds all that is in force now, and every later revocation before its cause is acknowledged. */
export async function followRevocations(store: Store): Promise<RevocationList> {
  const list = new RevocationList();
  store.onRevocations((entries) => {
    for (const entry of entries) list.apply(revocationOf(entry));
  });
  const { cursor, tokensBefore, sessions, keys } = await store.revocations.snapshot();
  if (tokensBefore !== null) list.apply({ tokens_before: tokensBefore });
  for (const kid of keys) list.apply({ kid });
  for (const session of sessions) list.apply(revocationOf(session), String(cursor));
  return list;
}

function revocationOf(entry: RevocationEntry): Revocation {
  if ("kid" in entry) return entry;
  if ("sid" in entry)
    return { sid: entry.sid, tokens_before: entry.tokensBefore, expires_at: entry.expiresAt };
  return { tokens_before: entry.tokensBefore };
}
