// Connections that outlive the request which opened them: each ends with its token, or when its session does.
import type { Credentials } from "../bearer.ts";
import { AccessError, toAccessError } from "../errors.ts";
import type { Authenticator, Guard } from "../guard.ts";
import type { Identity } from "../identity.ts";
import type { Revocation } from "../revocation-list.ts";

/** How often a connection is judged again whatever was heard: staleness, key loss and account changes have no event. */
const judgeAgainMs = 30_000;

/** The same for an authenticator that has no revocations to observe, and so would be heard of by nothing else. */
const judgeUnobservedMs = 1000;

/** So many tokens are verified in a row; then the event loop has its turn. */
const sliceSize = 64;

/** What came of the handshake, and how to end what it opened. */
export interface Opening {
  readonly guard: Guard;
  readonly credentials: Credentials;
  readonly identity: Identity;
  /** Called once at most. */
  readonly end: (error: AccessError) => void;
}

/** All connections under one authenticator. A log-out costs a look-up and one verification, however many are open. */
export class OpenConnections {
  readonly #authenticator: Authenticator;
  readonly #judgeAgainMs: number;
  readonly #bySession = new Map<string | undefined, Set<OpenConnection>>();

  constructor(authenticator: Authenticator) {
    this.#authenticator = authenticator;
    const { observeRevocations } = authenticator;
    this.#judgeAgainMs = observeRevocations === undefined ? judgeUnobservedMs : judgeAgainMs;
    observeRevocations?.((revocation) => this.#hear(revocation));
  }

  open(opening: Opening): OpenConnection {
    const connection = new OpenConnection(opening, this.#authenticator.now, this.#judgeAgainMs, {
      add: (sessionId) => this.#add(sessionId, connection),
      remove: (sessionId) => this.#remove(sessionId, connection),
    });
    connection.start();
    return connection;
  }

  #add(sessionId: string | undefined, connection: OpenConnection): void {
    const known = this.#bySession.get(sessionId);
    if (known === undefined) this.#bySession.set(sessionId, new Set([connection]));
    else known.add(connection);
  }

  #remove(sessionId: string | undefined, connection: OpenConnection): void {
    const known = this.#bySession.get(sessionId);
    known?.delete(connection);
    if (known?.size === 0) this.#bySession.delete(sessionId);
  }

  /** A key, an instant, or a whole new list concerns everybody. */
  #hear(revocation: Revocation | undefined): void {
    if (revocation !== undefined && "sid" in revocation) {
      for (const connection of this.#bySession.get(revocation.sid) ?? []) connection.judge();
    } else judgeInSlices([...this.#bySession.values()].flatMap((connections) => [...connections]));
  }
}

function judgeInSlices(connections: readonly OpenConnection[], start = 0): void {
  const end = start + sliceSize;
  for (const connection of connections.slice(start, end)) connection.judge();
  if (end < connections.length) setImmediate(judgeInSlices, connections, end);
}

interface Register {
  readonly add: (sessionId: string | undefined) => void;
  readonly remove: (sessionId: string | undefined) => void;
}

/** One connection: whose it is now, and what ends it. */
export class OpenConnection {
  readonly #guard: Guard;
  readonly #end: (error: AccessError) => void;
  readonly #now: () => number;
  readonly #judgeAgainMs: number;
  readonly #register: Register;
  #credentials: Credentials;
  #identity: Identity;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(opening: Opening, now: () => number, judgeEveryMs: number, register: Register) {
    this.#guard = opening.guard;
    this.#end = opening.end;
    this.#now = now;
    this.#judgeAgainMs = judgeEveryMs;
    this.#register = register;
    this.#credentials = opening.credentials;
    this.#identity = opening.identity;
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** Whatever was revoked between the handshake and now is found here. */
  start(): void {
    this.#register.add(this.#identity.sessionId);
    this.#schedule();
    this.judge();
  }

  /** The other side has gone, or we are done with it. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#register.remove(this.#identity.sessionId);
  }

  /**
   * Goes on with a newer token of the same person; the connection then lasts as long as that one.
   *
   * @throws AccessError as the guard of the handshake does, and `token_invalid` for another person's; the connection
   * then stays as it was
   */
  async renew(credentials: Credentials): Promise<Identity> {
    const identity = await this.#guard(credentials);
    if (this.#closed) throw new AccessError("token_invalid", { reason: "connection_closed" });
    if (identity.subject !== this.#identity.subject) {
      throw new AccessError("token_invalid", { reason: "subject_changed" });
    }
    this.#credentials = credentials;
    this.#become(identity);
    clearTimeout(this.#timer);
    this.#schedule();
    this.judge();
    return identity;
  }

  /** Asks whether a request with these credentials would still be let in; never throws. */
  judge(): void {
    if (this.#closed) return;
    const credentials = this.#credentials;
    const refuse = (error: unknown): void => {
      // Renewed meanwhile: this verdict is about a token that counts no more.
      if (credentials === this.#credentials) this.#endWith(toAccessError(error));
    };
    try {
      const answer = this.#guard(credentials);
      if (!(answer instanceof Promise)) return this.#become(answer);
      answer.then((identity) => {
        if (credentials === this.#credentials) this.#become(identity);
      }, refuse);
    } catch (error) {
      refuse(error);
    }
  }

  #become(identity: Identity): void {
    if (this.#closed) return;
    if (identity.sessionId !== this.#identity.sessionId) {
      this.#register.remove(this.#identity.sessionId);
      this.#register.add(identity.sessionId);
    }
    this.#identity = identity;
  }

  /** The token's end is kept to the second, without the tolerance that requests have for a clock that differs. */
  #schedule(): void {
    const { exp = Number.POSITIVE_INFINITY } = this.#identity.claims;
    const leftMs = Math.max(0, (exp - this.#now()) * 1000);
    this.#timer = setTimeout(() => this.#comeDue(), Math.min(leftMs, this.#judgeAgainMs)).unref();
  }

  #comeDue(): void {
    const { exp = Number.POSITIVE_INFINITY } = this.#identity.claims;
    if (exp <= this.#now()) return this.#endWith(new AccessError("token_invalid", { reason: "expired" }));
    this.judge();
    if (!this.#closed) this.#schedule();
  }

  #endWith(error: AccessError): void {
    if (this.#closed) return;
    this.close();
    this.#end(error);
  }
}
