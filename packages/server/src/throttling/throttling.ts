// How often somebody may guess: each attempt takes its places before a password is compared, and gets
// back those that it turns out not to owe.
import type { KeyObject } from "node:crypto";
import { availableParallelism } from "node:os";
import type { Origin } from "../database/audit-event.ts";
import { ServiceError } from "../errors.ts";
import type { Buckets, Limit, Place } from "./buckets.ts";
import { type BucketKind, createThrottleKeys } from "./keys.ts";
import { refusalOf } from "./refusal.ts";
import { sourceOf } from "../http/source.ts";
import { createTurns, type Patience } from "./turns.ts";

export interface ThrottlingLimits {
  readonly guessesPerSource: number;
  readonly guessesPerAccount: number;
  /** `null`: an account is never closed. */
  readonly guessesInARow: number | null;
  readonly signupsPerSource: number;
}

/** Where something begins or ends; what lies between is not told. */
export type ThrottlingEdge =
  | { readonly event: "guessing_refused"; readonly by: BucketKind }
  | { readonly event: "guessing_locked"; readonly guesses: number }
  | { readonly event: "guessing_unlocked"; readonly guesses: number };

export interface Guesser {
  /** The normalised address whose password is guessed, whether or not it has an account. */
  readonly addressKey: string;
  readonly origin: Origin;
  /** What is known to have logged in to this account before: counted by itself, whoever else guesses. */
  readonly device?: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

/** What an unlocking has forgotten. */
export interface Unlocked {
  /** How many wrong passwords in a row had come from unknown devices. */
  readonly guessesInARow: number;
}

/** Whose attempts an edge is about; without an address where a source is refused whatever it asks for. */
export type EdgeSubject = Pick<Guesser, "origin"> & Partial<Guesser>;

export interface Throttling {
  /**
   * Lets one guess be checked. `check` resolves when it is right, and throws `invalid_credentials`
   * when it is wrong; whatever else it throws, no password was compared and nothing counts. It is told
   * until when (`performance.now()`) it may go on waiting: whoever waited here has less to wait there.
   *
   * @throws ServiceError `too_many_attempts`, `busy`, and whatever `check` throws
   */
  guess<T>(guesser: Guesser, check: (untilMs: number) => Promise<T>): Promise<T>;
  /** Lets one account be made. @throws ServiceError `too_many_attempts`, and whatever `make` throws */
  signup<T>(origin: Origin, make: () => Promise<T>): Promise<T>;
  /** Lets one mail be asked for. @throws ServiceError `too_many_attempts`, and whatever `ask` throws */
  mail<T>(origin: Origin, ask: () => Promise<T>): Promise<T>;
  /**
   * Lets a code or a link be looked up. One that is right costs nothing, so that wrong ones from its
   * network are all that closes a reset.
   *
   * @throws ServiceError `too_many_attempts`, and whatever `look` throws; `code_invalid` counts
   */
  code<T>(origin: Origin, look: () => Promise<T>): Promise<T>;
  /** Counts one caller who was refused. @throws ServiceError `too_many_attempts` */
  refusedCaller(origin: Origin): Promise<void>;
  /**
   * Forgets what was guessed wrong for a normalised address from unknown devices and from its open
   * sessions, as whoever runs the server asks, or when a new password was set by mail. Undefined: there
   * was nothing.
   */
  unlock(addressKey: string, origin: Origin): Promise<Unlocked | undefined>;
}

export interface ThrottlingOptions {
  readonly buckets: Buckets;
  /** Derived from the master key for this alone. */
  readonly secret: KeyObject;
  readonly limits: ThrottlingLimits;
  /** Must return at once: the answer waits for it. */
  readonly onEdge: (edge: ThrottlingEdge, about: EdgeSubject) => void;
  /** Hears of each attempt that was one too many. */
  readonly onRefused?: ((by: BucketKind) => void) | undefined;
  /** Told that a place could not be given back: the attempt counts, which is the safe side. */
  readonly onError: (error: unknown) => void;
  /**
   * How many attempts from unknown devices one process takes in hand at once, and how many from known ones. What comes
   * beyond is refused before anything else is done for it. @default as many as can be hashed while one waits, 1024 at most
   */
  readonly maxUnderWay?: number | undefined;
  /** How long one waits in all: for others of its account, device or source, and for its hash. */
  readonly patienceMs: number;
}

/** On a quick core. */
const leastMsOfHash = 10;
const sourceIntervalMs = 10_000;
const accountIntervalMs = 300_000;
const guessesPerDevice = 10;

/** Whoever is logged in shows the password again: all sessions of an account count as one device. */
export const openSessions = "sessions";

export function createThrottling(options: ThrottlingOptions): Throttling {
  const { buckets, secret, limits, onEdge, onError, onRefused = () => undefined, patienceMs } = options;
  const { maxUnderWay = Math.min(1024, (availableParallelism() * patienceMs) / leastMsOfHash) } = options;
  const { keyOf } = createThrottleKeys(secret);
  const limitOf: Readonly<Record<BucketKind, Limit>> = {
    source: { atOnce: limits.guessesPerSource, intervalMs: sourceIntervalMs },
    account: {
      atOnce: limits.guessesPerAccount,
      intervalMs: accountIntervalMs,
      inARow: limits.guessesInARow ?? undefined,
    },
    device: { atOnce: guessesPerDevice, intervalMs: accountIntervalMs },
    signup: { atOnce: limits.signupsPerSource, intervalMs: sourceIntervalMs },
    caller: { atOnce: limits.guessesPerSource, intervalMs: sourceIntervalMs },
    mail: { atOnce: limits.signupsPerSource, intervalMs: sourceIntervalMs },
    code: { atOnce: limits.guessesPerSource, intervalMs: sourceIntervalMs },
  };
  const turns = createTurns();
  const underWay = { known: 0, unknown: 0 };

  /**
   * Of a source half of the places at a time: what is about to give its place back must not get others
   * refused, even where wrong guesses hold some. Of an account, and of a device, one, as many as the
   * queue of hashes takes.
   */
  async function inTurn<T>(
    kind: "source" | "account" | "device",
    text: string,
    patience: Patience,
    work: () => Promise<T>,
  ): Promise<T> {
    const atOnce = kind === "source" ? Math.ceil(limitOf.source.atOnce / 2) : 1;
    return turns.run(`${kind} ${text}`, atOnce, work, patience);
  }

  async function take(kind: BucketKind, text: string, about: EdgeSubject): Promise<Place> {
    const taken = await buckets.take(keyOf(kind, text), limitOf[kind]);
    if (taken.outcome === "taken") return taken.place;
    onRefused(kind);
    if (taken.isFirst) onEdge({ event: "guessing_refused", by: kind }, about);
    throw refusalOf(kind, taken.waitMs, limits.guessesInARow ?? undefined);
  }

  /** Nobody's right password fails because a place could not be given back. */
  async function giveBack(places: readonly Place[], guess: "right" | "none"): Promise<void> {
    try {
      await Promise.all(places.map((place) => buckets.giveBack(place, guess)));
    } catch (error) {
      onError(error);
    }
  }

  /** Source first: what it is refused for costs the account nothing. */
  async function placesOf(guesser: Guesser): Promise<readonly Place[]> {
    const { addressKey, origin, device } = guesser;
    if (device !== undefined) return [await take("device", deviceText(addressKey, device), guesser)];
    const source = await take("source", sourceOf(origin.address), guesser);
    try {
      return [source, await take("account", addressKey, guesser)];
    } catch (error) {
      await giveBack([source], "none");
      throw error;
    }
  }

  async function checkInTurn<T>(guesser: Guesser, run: (untilMs: number) => Promise<T>): Promise<T> {
    const { addressKey, origin, device, signal } = guesser;
    const patience = { untilMs: performance.now() + patienceMs, signal };
    const work = (): Promise<T> => check(guesser, () => run(patience.untilMs));
    if (device !== undefined) return inTurn("device", deviceText(addressKey, device), patience, work);
    return inTurn("source", sourceOf(origin.address), patience, () =>
      inTurn("account", addressKey, patience, work),
    );
  }

  async function check<T>(guesser: Guesser, run: () => Promise<T>): Promise<T> {
    const places = await placesOf(guesser);
    let result: T;
    try {
      result = await run();
    } catch (error) {
      if (!isRefusal(error, "invalid_credentials")) await giveBack(places, "none");
      else {
        const last = places.find(({ limit, inARow }) => inARow === limit.inARow);
        if (last !== undefined) onEdge({ event: "guessing_locked", guesses: last.inARow }, guesser);
      }
      throw error;
    }
    await giveBack(places, "right");
    return result;
  }

  return {
    async guess(guesser, run) {
      const kind = guesser.device === undefined ? "unknown" : "known";
      if (underWay[kind] >= maxUnderWay) throw new ServiceError("busy");
      underWay[kind] += 1;
      try {
        return await checkInTurn(guesser, run);
      } finally {
        underWay[kind] -= 1;
      }
    },

    async signup(origin, make) {
      const place = await take("signup", sourceOf(origin.address), { origin });
      try {
        return await make();
      } catch (error) {
        // Whether an address is taken was answered, so that counts; a mistake in a form does not.
        if (!isRefusal(error, "email_taken")) await giveBack([place], "none");
        throw error;
      }
    },

    async mail(origin, ask) {
      const place = await take("mail", sourceOf(origin.address), { origin });
      try {
        return await ask();
      } catch (error) {
        await giveBack([place], "none");
        throw error;
      }
    },

    async code(origin, look) {
      const place = await take("code", sourceOf(origin.address), { origin });
      let found: Awaited<ReturnType<typeof look>>;
      try {
        found = await look();
      } catch (error) {
        if (!isRefusal(error, "code_invalid")) await giveBack([place], "none");
        throw error;
      }
      await giveBack([place], "none");
      return found;
    },

    async refusedCaller(origin) {
      await take("caller", sourceOf(origin.address), { origin });
    },

    async unlock(addressKey, origin) {
      const [guesses, ofSessions] = await Promise.all([
        buckets.forget(keyOf("account", addressKey)),
        buckets.forget(keyOf("device", deviceText(addressKey, openSessions))),
      ]);
      if (guesses === undefined && ofSessions === undefined) return undefined;
      onEdge({ event: "guessing_unlocked", guesses: guesses ?? 0 }, { addressKey, origin });
      return { guessesInARow: guesses ?? 0 };
    },
  };
}

/** No address has a U+0000 in it. */
function deviceText(addressKey: string, device: string): string {
  return `${addressKey}\0${device}`;
}

function isRefusal(error: unknown, code: ServiceError["code"]): boolean {
  return error instanceof ServiceError && error.code === code;
}
