// What a change of the database declares dead, for verifiers to hear of.

/** Tokens of this session issued before `tokensBefore` are dead. Times are whole seconds. */
export interface SessionRevocation {
  readonly sid: string;
  readonly tokensBefore: number;
  /** No token that this entry concerns lives longer. */
  readonly expiresAt: number;
}

/**
 * Every token signed by this key is dead. Never forgotten: who stole the key can date a token as
 * they please.
 */
export interface KeyRevocation {
  readonly kid: string;
}

/** Every token issued before `tokensBefore` is dead. */
export interface GlobalRevocation {
  readonly tokensBefore: number;
  readonly expiresAt: number;
}

export type RevocationEntry = SessionRevocation | KeyRevocation | GlobalRevocation;
