// Which tokens are dead before they expire: sessions, signing keys, and everything issued before an instant.

/** One entry of the revocation feed; times are whole seconds since the epoch. */
export type Revocation =
  /** Tokens of this session issued before `tokens_before` are dead; all have expired by `expires_at`. */
  | { readonly sid: string; readonly tokens_before: number; readonly expires_at: number }
  /** Tokens under this signing key are dead. */
  | { readonly kid: string }
  /** Tokens issued before this second are dead, whoever holds them. */
  | { readonly tokens_before: number };

/** The whole list at one moment, as `GET /revocations` answers it. */
export interface RevocationSnapshot {
  /** The sequence number of the last entry in it, a decimal. */
  readonly cursor: string;
  readonly tokens_before: number | null;
  readonly sessions: readonly {
    readonly sid: string;
    readonly tokens_before: number;
    readonly expires_at: number;
  }[];
  readonly keys: readonly string[];
}

/** What of a token decides whether it is revoked. */
export interface RevocableClaims {
  readonly sid?: string | undefined;
  readonly iat?: number | undefined;
}

interface SessionEntry {
  readonly tokensBefore: number;
  readonly expiresAt: number;
}

/** An entry is kept this much longer than the issuer says: our clock and tolerance may differ from its. */
const keepLongerSeconds = 60;

/** How often entries that matter no more are looked for. */
const sweepIntervalSeconds = 60;

/**
 * The revocations that a verifier knows, in memory.
 *
 * It holds one access-token lifetime of log-outs, whatever the number of tokens out there. The server feeds its own
 * list directly; elsewhere the follower of the issuer's feed does.
 */
export class RevocationList {
  #cursor = "0";
  #tokensBefore = Number.NEGATIVE_INFINITY;
  #sessions = new Map<string, SessionEntry>();
  #keys = new Set<string>();
  #sweepAt: number;
  readonly #now: () => number;

  /** `now` is whole seconds since the epoch. */
  constructor(options: { readonly now?: () => number } = {}) {
    this.#now = options.now ?? ((): number => Math.floor(Date.now() / 1000));
    this.#sweepAt = this.#now() + sweepIntervalSeconds;
  }

  /** The sequence number of the last entry applied, a decimal; "0" before the first. */
  get cursor(): string {
    return this.#cursor;
  }

  /** How many sessions and keys are listed. */
  get size(): number {
    return this.#sessions.size + this.#keys.size;
  }

  /** Adds one entry. Applying it twice changes nothing; nothing applied ever revives a token. */
  apply(revocation: Revocation, cursor: string = this.#cursor): void {
    if ("sid" in revocation) this.#revokeSession(revocation);
    else if ("kid" in revocation) this.#keys.add(revocation.kid);
    else this.#tokensBefore = Math.max(this.#tokensBefore, revocation.tokens_before);
    this.#cursor = cursor;
    this.#sweep();
  }

  /** Takes a whole list in place of the present one, in one step. */
  replace(snapshot: RevocationSnapshot): void {
    this.#sessions = new Map();
    for (const session of snapshot.sessions) this.#revokeSession(session);
    this.#keys = new Set(snapshot.keys);
    this.#tokensBefore = snapshot.tokens_before ?? Number.NEGATIVE_INFINITY;
    this.#cursor = snapshot.cursor;
    this.#sweep();
  }

  /** The whole list, as `replace` takes it. */
  snapshot(): RevocationSnapshot {
    return {
      cursor: this.#cursor,
      tokens_before: Number.isFinite(this.#tokensBefore) ? this.#tokensBefore : null,
      sessions: Array.from(this.#sessions, ([sid, { tokensBefore, expiresAt }]) => ({
        sid,
        tokens_before: tokensBefore,
        expires_at: expiresAt,
      })),
      keys: [...this.#keys],
    };
  }

  /** Asked with every request: two look-ups and two comparisons. A token without `iat` is older than everything. */
  isRevoked(claims: RevocableClaims, kid: string | undefined): boolean {
    const { sid, iat = Number.NEGATIVE_INFINITY } = claims;
    if (iat < this.#tokensBefore) return true;
    if (sid !== undefined && this.#sessions.size > 0) {
      const session = this.#sessions.get(sid);
      if (session !== undefined && iat < session.tokensBefore) return true;
    }
    return kid !== undefined && this.#keys.has(kid);
  }

  #revokeSession(session: RevocationSnapshot["sessions"][number]): void {
    const known = this.#sessions.get(session.sid);
    this.#sessions.set(session.sid, {
      tokensBefore: Math.max(session.tokens_before, known?.tokensBefore ?? 0),
      expiresAt: Math.max(session.expires_at, known?.expiresAt ?? 0),
    });
  }

  #sweep(): void {
    const now = this.#now();
    if (now < this.#sweepAt) return;
    this.#sweepAt = now + sweepIntervalSeconds;
    for (const [sid, { expiresAt }] of this.#sessions) {
      if (expiresAt + keepLongerSeconds < now) this.#sessions.delete(sid);
    }
  }
}
