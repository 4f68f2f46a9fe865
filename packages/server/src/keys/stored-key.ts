// A signing key as it is stored: its state, its dates, and the sealed key that only the services
// can open.

export type SigningKeyState = "pending" | "active" | "retiring" | "retired";

/** Times are milliseconds since the epoch on the database's clock. */
export interface StoredKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly state: SigningKeyState;
  /** Erased when the key retires. */
  readonly sealed: Uint8Array | undefined;
  /** Since when verifiers can learn of the key. */
  readonly createdAtMs: number;
  /** When it may begin to sign. */
  readonly promoteAtMs: number;
  readonly activatedAtMs: number | undefined;
  /** When the last token that it may have signed is dead; known once it stops signing. */
  readonly keepUntilMs: number | undefined;
  readonly retiredAtMs: number | undefined;
  /** Set if nobody may trust the key any more, whatever it signed. */
  readonly revokedAtMs: number | undefined;
}

/** A key that is not in the store yet. */
export interface NewKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly sealed: Uint8Array;
}

/** Every key that is in use, as of one moment of the database's clock. */
export interface KeysInUse {
  readonly nowMs: number;
  readonly keys: readonly StoredKey[];
}
