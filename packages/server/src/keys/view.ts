// What one instance knows of the signing keys: opened, and as old as its last look at the store.
import { exportPublicJwk, type Key, keySet, type KeySet, type PublicJwk } from "@countersign/token";
import type { KeysInUse, SigningKeyState } from "./stored-key.ts";
import { KeyError } from "./error.ts";
import { longestViewSeconds } from "./lifetimes.ts";
import type { SealedKeys } from "./sealed-keys.ts";
import { keyInState } from "./schedule.ts";

export interface KeyView {
  /**
   * Takes over what was read at `readAtMs`. Keys that are known already are not opened again.
   *
   * @throws KeyError `sealed_unreadable`, and keeps what was known before
   */
  update(inUse: KeysInUse, readAtMs: number): void;
  /** @throws KeyError `keys_stale` */
  signingKey(): Key;
  /** @throws KeyError `keys_stale` before the first update */
  keySet(): KeySet;
  jwks(): { readonly keys: readonly PublicJwk[] };
  /**
   * Whether the last look is recent. If not, a key that we take for active may have been retiring
   * for so long that others forget it before the tokens do which it still signs here, and verifiers
   * may need keys that we do not know.
   */
  isFresh(): boolean;
  /** How long ago the oldest key of each state was made, as far as the last look shows. */
  ageSeconds(): ReadonlyMap<SigningKeyState, number>;
}

interface Content {
  readonly opened: ReadonlyMap<string, Key>;
  readonly verifying: KeySet;
  readonly published: { readonly keys: readonly PublicJwk[] };
}

/** `nowMs`: milliseconds of a clock that nobody sets. */
export function createKeyView(sealedKeys: SealedKeys, nowMs: () => number): KeyView {
  let content: Content | undefined;
  let lastLook: { readonly inUse: KeysInUse; readonly readAtMs: number } | undefined;
  let signing: { readonly key: Key; readonly readAtMs: number } | undefined;

  /** The same content as long as no key comes or goes, for caches that are kept by it. */
  function contentOf({ keys }: KeysInUse): Content {
    const known = content?.opened;
    if (content !== undefined && known?.size === keys.length && keys.every(({ kid }) => known.has(kid))) {
      return content;
    }
    const opened = new Map(
      keys.map((stored) => [stored.kid, known?.get(stored.kid) ?? sealedKeys.open(stored)]),
    );
    const all = [...opened.values()];
    const pairs = all.filter((key) => !key.algorithm.startsWith("HS"));
    return {
      opened,
      verifying: keySet(all, { allowSecretsBesidePublicKeys: true }),
      published: { keys: pairs.map(exportPublicJwk) },
    };
  }

  function isFresh(): boolean {
    const ageMs = signing === undefined ? Number.NaN : nowMs() - signing.readAtMs;
    return ageMs >= 0 && ageMs <= longestViewSeconds * 1000;
  }

  return {
    update(inUse, readAtMs) {
      const active = keyInState(inUse.keys, "active");
      if (active === undefined) return;
      content = contentOf(inUse);
      lastLook = { inUse, readAtMs };
      const key = content.opened.get(active.kid);
      if (key !== undefined) signing = { key, readAtMs };
    },

    signingKey() {
      if (signing !== undefined && isFresh()) return signing.key;
      throw new KeyError(
        "keys_stale",
        `The signing keys could not be read for ${longestViewSeconds} seconds, so nothing is signed`,
      );
    },

    keySet() {
      if (content === undefined) throw new KeyError("keys_stale", "The signing keys were not read yet");
      return content.verifying;
    },

    isFresh,

    ageSeconds() {
      const ages = new Map<SigningKeyState, number>();
      if (lastLook === undefined) return ages;
      const { inUse, readAtMs } = lastLook;
      for (const { state, createdAtMs } of inUse.keys) {
        const seconds = Math.max(inUse.nowMs - createdAtMs + nowMs() - readAtMs, 0) / 1000;
        ages.set(state, Math.max(seconds, ages.get(state) ?? 0));
      }
      return ages;
    },

    jwks: () => content?.published ?? { keys: [] },
  };
}
