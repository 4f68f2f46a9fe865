// Who asks for a hash, as the queue sees them.
import type { Requester } from "../http/requester.ts";
import type { Turn } from "./hashing-queue.ts";

/** Somebody who says that they have this account. */
export function strangersTurn(requester: Requester, account: string): Turn {
  return turnOf(requester, account, false);
}

/** Somebody whose session has shown which account they have. */
export function ownersTurn(requester: Requester, account: string): Turn {
  return turnOf(requester, account, true);
}

function turnOf({ source = "", connection, signal }: Requester, account: string, hasSession: boolean): Turn {
  const ofAccount = { key: `account ${account}`, atMost: 2 };
  const places = connection === undefined ? [ofAccount] : [ofAccount, { key: connection, atMost: 1 }];
  return { source, places, hasSession, signal };
}
