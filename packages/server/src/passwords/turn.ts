// Who asks for a hash, as the queue sees them.
import type { Requester } from "../http/requester.ts";
import type { Place, Turn } from "./hashing-queue.ts";

/** Somebody who wants an account: of two at once for one address, the second waits to hear that it is taken. */
export function newcomersTurn(requester: Requester, address: string): Turn {
  return turnOf(requester, { key: `newcomer ${address}`, atMost: 2 }, false);
}

/** Somebody who says that they have this account: one place for all of them together. */
export function strangersTurn(requester: Requester, account: string): Turn {
  return turnOf(requester, { key: `account ${account}`, atMost: 1 }, false);
}

/** A device that is known to this account: one place for each. */
export function devicesTurn(requester: Requester, account: string, device: string): Turn {
  return turnOf(requester, { key: `device ${device} of ${account}`, atMost: 1 }, true);
}

/** Somebody whose session has shown which account they have: these count as one device. */
export function ownersTurn(requester: Requester, account: string): Turn {
  return turnOf(requester, { key: `owner of ${account}`, atMost: 1 }, true);
}

/** Somebody who has just shown the account's password: nobody else's proof keeps them from going on. */
export function provenTurn(requester: Requester): Turn {
  return turnOf(requester, undefined, true);
}

function turnOf(
  { source = "", connection, signal, untilMs }: Requester,
  own: Place | undefined,
  isKnown: boolean,
): Turn {
  const ofConnection = connection === undefined ? [] : [{ key: connection, atMost: 1 }];
  return {
    source,
    places: own === undefined ? ofConnection : [own, ...ofConnection],
    isKnown,
    signal,
    untilMs,
  };
}
