// Cookie sessions in the memory of this process: found by their secret's hash or their user, the
// longest unused first.
import type { NewCookieSession } from "./session-store.ts";

export interface MemorySession extends Omit<NewCookieSession, "amr"> {
  secretHash: string;
  readonly sid: string;
  amr: readonly string[];
  readonly openedAtMs: number;
  /** When its owner last showed who they are, if that was later. */
  provedAtMs?: number;
  lastUsedAtMs: number;
  /** What a step-up gave out, and nobody has presented yet. */
  pending?: { readonly secretHash: string; readonly amr: readonly string[]; readonly atMs: number };
  /** What was in use until then, and is void. */
  voided?: { readonly secretHash: string; readonly atMs: number };
}

export class SessionTable {
  /** Both in the order of last use. */
  readonly #bySecretHash = new Map<string, MemorySession>();
  /** Those that are pending, and those that are void. */
  readonly #byOtherHash = new Map<string, MemorySession>();
  readonly #byUser = new Map<string, Set<MemorySession>>();

  /** By the secret in use, a pending one or a void one: the session says which it is. */
  get(secretHash: string): MemorySession | undefined {
    return this.#bySecretHash.get(secretHash) ?? this.#byOtherHash.get(secretHash);
  }

  /** Keeps what a step-up gives out, in the place of all that earlier ones left. */
  setPending(session: MemorySession, pending: NonNullable<MemorySession["pending"]>): void {
    this.#forgetOthers(session);
    delete session.voided;
    session.pending = pending;
    this.#byOtherHash.set(pending.secretHash, session);
  }

  /** The pending secret was presented: it is the one in use, and that is void. */
  present(session: MemorySession, nowMs: number): void {
    const { pending, secretHash } = session;
    if (pending === undefined) return;
    this.delete(session);
    session.voided = { secretHash, atMs: nowMs };
    session.secretHash = pending.secretHash;
    session.amr = pending.amr;
    session.provedAtMs = pending.atMs;
    delete session.pending;
    this.put(session);
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
    for (const other of [session.pending, session.voided])
      if (other !== undefined) this.#byOtherHash.set(other.secretHash, session);
  }

  delete(session: MemorySession): boolean {
    const ofUser = this.#byUser.get(session.userId);
    ofUser?.delete(session);
    if (ofUser?.size === 0) this.#byUser.delete(session.userId);
    this.#forgetOthers(session);
    return this.#bySecretHash.delete(session.secretHash);
  }

  #forgetOthers({ pending, voided }: MemorySession): void {
    for (const other of [pending, voided])
      if (other !== undefined) this.#byOtherHash.delete(other.secretHash);
  }
}
