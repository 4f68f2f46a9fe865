/**
 * Which tokens are dead before they expire: sessions, signing keys, and everything issued before an instant.
 *
 * **The rule of time.** A token is dead if its `iat` is before the `tokens_before` of its session, or of everything; one
 * of that very second lives. The issuer never dates a new token before a `tokens_before` that it has told, and in the
 * second of a revocation it tells the next one; so it makes no difference in which order a token and a revocation reach
 * us, nor which of the two came first within a second. A session that has ended gets a `tokens_before` that none of its
 * tokens reaches. All of these are times of the issuer's clock, compared with each other; our own clock decides only
 * when an entry may be forgotten:
 * * An entry is kept until it expires, whatever lists come without it, and 990 s after it was last heard of at most:
 *   no token lives longer than 900 s. If that is sooner than the issuer says, its clock is ahead of ours, and the list
 *   `isLapsing`: whoever follows the issuer then asks for the list again.
 * * A `tokens_before` of everything that lies further ahead of our clock than the tolerance would refuse all tokens for as
 *   long; so it counts only while the newest list of the issuer has it. Any other stays for ever, as do keys.
 */

/** One entry of the revocation feed; times are whole seconds since the epoch. */
export type Revocation =
  /** Tokens of this session issued before `tokens_before` are dead; all have expired by `expires_at`. */
  | { readonly sid: string; readonly tokens_before: number; readonly expires_at: number }
  /** Tokens under this signing key are dead. */
  | { readonly kid: string }
  /** Tokens issued before this second are dead, whoever holds them. */
  | { readonly tokens_before: number };

/** The whole list at one moment, as `GET /revocations` answers it. */
export interface ListedRevocations {
  /** The last entry in it: `EPOCH.NUMBER`, or a decimal number. */
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
  /** When the issuer says that it expires, or when we forget it unless it is heard of again. */
  readonly expiresAt: number;
}

/** Hears of an entry that was applied, or undefined when a newer list was added. */
export type RevocationObserver = (revocation: Revocation | undefined) => unknown;

/** An entry is kept this much longer than the issuer says: our clock and tolerance may differ from its. */
const keepLongerSeconds = 60;

/** No access token lives longer than 900 s; the rest is for clocks that differ. */
const longestLifeSeconds = 930;

/** How often the list is asked for again while it has a time that lies ahead of our clock. */
const confirmAheadSeconds = 60;

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
  /** The same, from the future: only while the newest list has it. */
  #tokensBeforeAhead = Number.NEGATIVE_INFINITY;
  readonly #sessions = new Map<string, SessionEntry>();
  readonly #keys = new Set<string>();
  readonly #observers = new Set<RevocationObserver>();
  #sweepAt: number;
  #lapsesAt = Number.POSITIVE_INFINITY;
  readonly #now: () => number;
  readonly #clockToleranceSeconds: number;

  /** `now` is seconds since the epoch. */
  constructor(options: { readonly now?: () => number; readonly clockToleranceSeconds?: number } = {}) {
    this.#now = options.now ?? ((): number => Date.now() / 1000);
    this.#clockToleranceSeconds = options.clockToleranceSeconds ?? 5;
    this.#sweepAt = this.#now() + sweepIntervalSeconds;
  }

  /** The last entry applied, as the issuer calls it; "0" before the first. */
  get cursor(): string {
    return this.#cursor;
  }

  /** How many sessions and keys are listed. */
  get size(): number {
    return this.#sessions.size + this.#keys.size;
  }

  /** Whether it is time to ask whether the issuer's newest list still has what counts only as long as it does. */
  get isLapsing(): boolean {
    return this.#now() >= this.#lapsesAt;
  }

  /** Adds one entry. Applying it twice changes nothing; nothing applied ever revives a token. */
  apply(revocation: Revocation, cursor: string = this.#cursor): void {
    if ("sid" in revocation) this.#revokeSession(revocation);
    else if ("kid" in revocation) this.#keys.add(revocation.kid);
    else this.#revokeBefore(revocation.tokens_before);
    this.#cursor = cursor;
    this.#sweep();
    this.#tell(revocation);
  }

  /** Says up to where in the issuer's log everything is known. */
  moveTo(cursor: string): void {
    this.#cursor = cursor;
  }

  /**
   * Adds the newest list of the issuer to what is known. What the list does not have stays until it expires: a list may
   * come from a cache, or from a log that was set back.
   */
  update(list: ListedRevocations): void {
    this.#tokensBeforeAhead = Number.NEGATIVE_INFINITY;
    this.#lapsesAt = Number.POSITIVE_INFINITY;
    if (list.tokens_before !== null) this.#revokeBefore(list.tokens_before);
    for (const session of list.sessions) this.#revokeSession(session);
    for (const kid of list.keys) this.#keys.add(kid);
    this.#cursor = list.cursor;
    this.#sweep();
    this.#tell(undefined);
  }

  /** Calls back after every change, which then counts already. What the observer throws is ignored. Returns what ends it. */
  observe(observer: RevocationObserver): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  /** How many sessions and keys there would be after `update`, without those that have expired. */
  sizeWith(list: Pick<ListedRevocations, "sessions" | "keys">): number {
    this.#forgetExpired(this.#now());
    const newSessions = list.sessions.filter(({ sid }) => !this.#sessions.has(sid));
    return this.size + newSessions.length + list.keys.filter((kid) => !this.#keys.has(kid)).length;
  }

  /** The whole list, as `update` takes it. */
  snapshot(): ListedRevocations {
    const tokensBefore = Math.max(this.#tokensBefore, this.#tokensBeforeAhead);
    return {
      cursor: this.#cursor,
      tokens_before: Number.isFinite(tokensBefore) ? tokensBefore : null,
      sessions: Array.from(this.#sessions, ([sid, { tokensBefore: before, expiresAt }]) => ({
        sid,
        tokens_before: before,
        expires_at: expiresAt,
      })),
      keys: [...this.#keys],
    };
  }

  /** Asked with every request: two look-ups and three comparisons. A token without `iat` is older than everything. */
  isRevoked(claims: RevocableClaims, kid: string | undefined): boolean {
    const { sid, iat = Number.NEGATIVE_INFINITY } = claims;
    if (iat < this.#tokensBefore || iat < this.#tokensBeforeAhead) return true;
    if (sid !== undefined && this.#sessions.size > 0) {
      const session = this.#sessions.get(sid);
      if (session !== undefined && iat < session.tokensBefore) return true;
    }
    return kid !== undefined && this.#keys.has(kid);
  }

  #tell(revocation: Revocation | undefined): void {
    for (const observer of this.#observers) {
      try {
        observer(revocation);
      } catch {
        // The observer's own trouble: the feed goes on.
      }
    }
  }

  #revokeBefore(tokensBefore: number): void {
    if (tokensBefore <= this.#now() + this.#clockToleranceSeconds) {
      this.#tokensBefore = Math.max(this.#tokensBefore, tokensBefore);
      return;
    }
    this.#tokensBeforeAhead = Math.max(this.#tokensBeforeAhead, tokensBefore);
    this.#lapsesAt = Math.min(this.#lapsesAt, this.#now() + confirmAheadSeconds);
  }

  #revokeSession({ sid, tokens_before: tokensBefore, expires_at: told }: ListedSession): void {
    const known = this.#sessions.get(sid);
    const latest = this.#now() + longestLifeSeconds;
    const expiresAt = Math.min(told, latest);
    if (told > latest) this.#lapsesAt = Math.min(this.#lapsesAt, expiresAt);
    this.#sessions.set(sid, {
      tokensBefore: Math.max(tokensBefore, known?.tokensBefore ?? 0),
      expiresAt: Math.max(expiresAt, known?.expiresAt ?? 0),
    });
  }

  #sweep(): void {
    const now = this.#now();
    if (now < this.#sweepAt) return;
    this.#sweepAt = now + sweepIntervalSeconds;
    this.#forgetExpired(now);
  }

  #forgetExpired(now: number): void {
    for (const [sid, { expiresAt }] of this.#sessions) {
      if (expiresAt + keepLongerSeconds < now) this.#sessions.delete(sid);
    }
  }
}

type ListedSession = ListedRevocations["sessions"][number];
