// The signing keys of a running instance: which one signs, which ones verify, and the changes that
// come with time.
import type { Key, KeySet, PublicJwk } from "@countersign/token";
import type { AgreedTime } from "../database/steady-clock.ts";
import type { SigningKeyStore } from "./store.ts";
import { jwksMaxAgeSeconds, keepSeconds, leastPublishSeconds } from "./lifetimes.ts";
import type { SigningKeyState } from "./stored-key.ts";
import { createKeyView } from "./view.ts";
import type { MasterKey } from "./master-key.ts";
import { type SigningAlgorithm, signingAlgorithms } from "../settings/signing-algorithms.ts";
import { createSealedKeys } from "./sealed-keys.ts";
import { createSigningKeyChanges, type SigningKeyChanges } from "./changes.ts";
import { type DueChange, dueChange, rotationSeconds } from "./schedule.ts";
import { createKeySightings } from "./sightings.ts";

export interface SigningKeysOptions {
  readonly store: SigningKeyStore;
  readonly masterKey: MasterKey;
  /**
   * What the keys are to be. If the active key is of another algorithm, a rotation to this one
   * begins at the start. Default: what they are already.
   */
  readonly algorithm?: SigningAlgorithm | undefined;
  /** What the very first key is for, where `algorithm` does not say. Default HS256. */
  readonly initialAlgorithm?: SigningAlgorithm | undefined;
  readonly accessTokenTtlSeconds: number;
  /** How long a key signs before the next one takes over. Default 30 days. */
  readonly rotationIntervalSeconds?: number | undefined;
  /**
   * How long a key is published before it signs. Default and least 660; more if verifiers keep the
   * JWKS longer than 600 s.
   */
  readonly publishSeconds?: number | undefined;
  /**
   * Told when reading or changing the keys in the background begins to fail; it is tried again
   * every second.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Without it, a clock that jumped ahead before the start makes keys change early. */
  readonly agreedTime?: AgreedTime | undefined;
  /** Milliseconds of a clock that nobody sets. */
  readonly nowMs?: (() => number) | undefined;
}

export interface SigningKeys extends SigningKeyChanges {
  /**
   * The key that signs now.
   *
   * @throws KeyError `keys_stale` if the store could not be read for 30 seconds
   */
  readonly signingKey: () => Key;
  /**
   * The keys that verify: pending, active and retiring. The same object until one comes or goes.
   */
  readonly keySet: () => KeySet;
  /**
   * RFC 7517 §5: public keys alone, so none at all for HS256. The same object until one comes or
   * goes.
   */
  readonly jwks: () => { readonly keys: readonly PublicJwk[] };
  /**
   * How long a copy of the JWKS may be kept: not at all while the store could not be read for so
   * long that keys may be missing.
   */
  readonly jwksMaxAgeSeconds: () => number;
  /** How long ago the oldest key of each state was made. */
  readonly ageSeconds: () => ReadonlyMap<SigningKeyState, number>;
  /** Reads the keys and makes the changes that are due; one at a time. */
  readonly tick: () => Promise<void>;
  /**
   * A tick for a token under an unknown key; undefined if there was one a moment ago. Never
   * rejects.
   */
  readonly refresh: () => Promise<void> | undefined;
  /** Ticks every second until closed; does not keep the process alive. */
  readonly start: () => void;
  readonly close: () => Promise<void>;
}

const pollIntervalMs = 1000;

/** Tokens under unknown keys, which anybody can send, cause no more reads than this allows. */
const refreshIntervalMs = 100;

/** More changes than can be due at one moment; the rest waits for the next tick. */
const maxChangesPerTick = 8;

/**
 * Reads the keys, makes the first one if there is none (of many instances at once, one does), and
 * answers once there is a key to sign with.
 *
 * @throws TypeError for options that make no sense
 * @throws KeyError `sealed_unreadable` if a key in use does not open
 */
export async function createSigningKeys(options: SigningKeysOptions): Promise<SigningKeys> {
  const { store, algorithm, initialAlgorithm = "HS256", accessTokenTtlSeconds } = options;
  const { publishSeconds = leastPublishSeconds, rotationIntervalSeconds = rotationSeconds } = options;
  const { onError = () => {}, nowMs = () => performance.now(), agreedTime } = options;
  checkOptions(options);
  const sealedKeys = createSealedKeys(options.masterKey);
  const view = createKeyView(sealedKeys, nowMs);
  const sightings = createKeySightings(agreedTime ?? ((databaseMs) => databaseMs));
  const changes = createSigningKeyChanges({ store, sealedKeys, publishSeconds, accessTokenTtlSeconds });

  let ticking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<void> | undefined;
  let refreshedAtMs = Number.NEGATIVE_INFINITY;
  let failing = false;
  let closed = false;

  async function make(due: DueChange): Promise<void> {
    switch (due.change) {
      case "create":
        await store.createFirst(await sealedKeys.make(algorithm ?? initialAlgorithm));
        return;
      case "stage": {
        const key = await sealedKeys.make(due.algorithm as SigningAlgorithm);
        await store.stage(key, { publishSeconds, replaces: undefined });
        return;
      }
      case "promote":
        await store.promote({ ...due, keepSeconds: keepSeconds(accessTokenTtlSeconds), early: false });
        return;
      case "retire":
        await store.retireDue();
    }
  }

  async function readAndChange(): Promise<void> {
    for (let made = 0; made < maxChangesPerTick; made++) {
      const readAtMs = nowMs();
      const inUse = await store.inUse();
      view.update(inUse, readAtMs);
      sightings.note(inUse, readAtMs);
      const due = dueChange(inUse, { rotationIntervalSeconds, publishSeconds }, sightings.leastMs);
      if (due === undefined) return;
      // A conflict means that another instance made it; either way the next look shows it.
      await make(due);
    }
  }

  function tick(): Promise<void> {
    ticking ??= readAndChange().finally(() => {
      ticking = undefined;
    });
    return ticking;
  }

  /** After a change of our own: a tick that began before it may have read the state before it. */
  async function lookAgain(): Promise<void> {
    await ticking?.catch(ignore);
    await tick();
  }

  function refresh(): Promise<void> | undefined {
    const passedMs = nowMs() - refreshedAtMs;
    if (refreshing !== undefined || (passedMs >= 0 && passedMs < refreshIntervalMs)) return refreshing;
    refreshedAtMs = nowMs();
    refreshing = lookAgain()
      .catch(ignore)
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  }

  async function tickInBackground(): Promise<void> {
    try {
      await tick();
      failing = false;
    } catch (error) {
      if (!failing) onError(error);
      failing = true;
    }
    if (!closed) schedule();
  }

  function schedule(): void {
    timer = setTimeout(() => void tickInBackground(), pollIntervalMs).unref();
  }

  await tick();
  if (algorithm !== undefined && view.signingKey().algorithm !== algorithm) {
    await changes.rotate({ algorithm });
    await tick();
  }

  return {
    list: changes.list,
    exportJwk: changes.exportJwk,
    async rotate(rotation) {
      const next = await changes.rotate(rotation);
      await lookAgain();
      return next;
    },
    async revoke(kid, origin) {
      await changes.revoke(kid, origin);
      await lookAgain();
    },
    signingKey: view.signingKey,
    keySet: view.keySet,
    jwks: view.jwks,
    ageSeconds: view.ageSeconds,
    jwksMaxAgeSeconds: () => (view.isFresh() ? jwksMaxAgeSeconds : 0),
    tick,
    refresh,
    start() {
      if (timer === undefined && !closed) schedule();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await ticking?.catch(ignore);
    },
  };
}

/** Whoever began the tick hears of its failure. */
function ignore(): void {}

function checkOptions(options: SigningKeysOptions): void {
  const { algorithm, accessTokenTtlSeconds } = options;
  const { publishSeconds = leastPublishSeconds, rotationIntervalSeconds = rotationSeconds } = options;
  if (algorithm !== undefined && !signingAlgorithms.includes(algorithm)) {
    throw new TypeError(`Access tokens are signed with one of ${signingAlgorithms.join(", ")}`);
  }
  if (!(accessTokenTtlSeconds > 0)) throw new TypeError("accessTokenTtlSeconds must be a positive number");
  if (!(publishSeconds >= leastPublishSeconds)) {
    throw new TypeError(`publishSeconds must be at least ${leastPublishSeconds}`);
  }
  if (!(rotationIntervalSeconds >= 2 * publishSeconds)) {
    throw new TypeError("rotationIntervalSeconds must be at least twice publishSeconds");
  }
}
