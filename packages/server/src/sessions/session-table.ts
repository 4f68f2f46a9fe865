// Cookie sessions in the memory of this process: found by their secret's hash or their user, the
// longest unused first.
import type { NewCookieSession } from "./session-store.ts";

export interface MemorySession extends NewCookieSession {
  readonly secretHash: string;
  readonly sid: string;
  readonly openedAtMs: number;
  lastUsedAtMs: number;
}

export class SessionTable {
  /** Both in the order of last use. */
  readonly #bySecretHash = new Map<string, MemorySession>();
  readonly #byUser = new Map<string, Set<MemorySession>>();

  get(secretHash: string): MemorySession | undefined {
    return this.#bySecretHash.get(secretHash);
  }

  /** All of them, the longest unused first; one that is deleted on the way is not a problem. */
  all(): Iterable<MemorySession> {
    return this.#bySecretHash.values();
  }

  /** A user's, the longest unused first. */
  ofUser(userId: string): readonly MemorySession[] {
    return [...(this.#byUser.get(userId) ?? [])];
  }

  /** Adds it, or moves it behind the others when it was used. */
  put(session: MemorySession): void {
    this.delete(session);
    this.#bySecretHash.set(session.secretHash, session);
    const ofUser = this.#byUser.get(session.userId) ?? new Set();
    ofUser.add(session);
    this.#byUser.set(session.userId, ofUser);
  }

  delete(session: MemorySession): boolean {
    const ofUser = this.#byUser.get(session.userId);
    ofUser?.delete(session);
    if (ofUser?.size === 0) this.#byUser.delete(session.userId);
    return this.#bySecretHash.delete(session.secretHash);
  }
}
