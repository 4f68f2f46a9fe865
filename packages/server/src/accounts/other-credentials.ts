// The ways into an account that other features keep: second factors and passkeys.
import type { Change } from "../database/database.ts";

/** Each verb is part of the change that calls for it; the account's row is held. */
export interface OtherCredentials {
  /** As when the owner of the address takes over what somebody else has set up. */
  removeAll(change: Change, userId: string): Promise<void>;
  /** As when a change of address is undone: what is older stays, and is asked for. */
  removeAddedSince(change: Change, userId: string, sinceMs: number): Promise<void>;
}
