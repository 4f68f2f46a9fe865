// What an operator can do with the signing keys, from the command line or the admin routes.
import { exportPrivateJwk, exportPublicJwk, type Jwk } from "@countersign/token";
import type { Origin } from "../database/audit-event.ts";
import type { SigningKeyStore } from "./store.ts";
import type { StoredKey } from "./stored-key.ts";
import { KeyError } from "./error.ts";
import { keepSeconds, leastPublishSeconds } from "./lifetimes.ts";
import type { SigningAlgorithm } from "../settings/signing-algorithms.ts";
import type { SealedKeys } from "./sealed-keys.ts";
import { keyInState } from "./schedule.ts";

export interface Rotation {
  /** That of the active key by default. */
  readonly algorithm?: SigningAlgorithm | undefined;
  /**
   * Signs with the new key at once. Verifiers that hold older keys then refuse its tokens until
   * they ask again, so it is for an emergency; to end trust in a key that others may have, revoke
   * it.
   */
  readonly immediately?: boolean | undefined;
  readonly origin?: Origin | undefined;
}

export interface SigningKeyChanges {
  /** Every key there ever was, oldest first. */
  list(): Promise<StoredKey[]>;
  /**
   * Publishes a new key, which signs once every verifier can have it. A key of the same algorithm
   * that is pending already is left as it is. Answers the key that signs next, or now.
   */
  rotate(rotation?: Rotation): Promise<StoredKey>;
  /**
   * Ends all trust in a key: verifiers hear of it through the revocation feed, and every token it
   * signed is dead. If it was the active one, the pending or a new key signs from now on.
   * Idempotent.
   *
   * @throws KeyError `key_unknown`
   */
  revoke(kid: string, origin?: Origin): Promise<void>;
  /**
   * A key for verifiers that cannot fetch it: the public half, or the secret of an HS256 key, with
   * which its holder can also forge tokens. Handing out a secret is audited.
   *
   * @throws KeyError `key_unknown`; `key_secret` if it is a secret and `unsafePrintSecret` does not
   *   ask for it
   */
  exportJwk(kid: string, options?: { unsafePrintSecret?: boolean; origin?: Origin }): Promise<Jwk>;
}

export interface SigningKeyChangesOptions {
  readonly store: SigningKeyStore;
  readonly sealedKeys: SealedKeys;
  readonly publishSeconds?: number | undefined;
  /** The lifetime of access tokens. A key outlives the last token that it signed. */
  readonly accessTokenTtlSeconds?: number | undefined;
}

const maxAttempts = 8;

export function createSigningKeyChanges(options: SigningKeyChangesOptions): SigningKeyChanges {
  const { store, sealedKeys, publishSeconds = leastPublishSeconds, accessTokenTtlSeconds } = options;

  async function rotateOnce({
    algorithm,
    immediately = false,
    origin = {},
  }: Rotation): Promise<string | undefined> {
    const { keys } = await store.inUse();
    const active = keyInState(keys, "active");
    if (active === undefined) {
      throw new KeyError(
        "key_unknown",
        "There is no signing key yet: the server makes the first one when it starts",
      );
    }
    const wanted = algorithm ?? (active.algorithm as SigningAlgorithm);
    const pending = keyInState(keys, "pending");
    let next = pending?.kid;
    if (pending?.algorithm !== wanted) {
      const key = await sealedKeys.make(wanted);
      const staged = await store.stage(key, { publishSeconds, replaces: pending?.kid, origin });
      if (staged === "conflict") return undefined;
      next = key.kid;
    }
    if (next === undefined || !immediately) return next;
    const promoted = await store.promote({
      pending: next,
      active: active.kid,
      keepSeconds: keepSeconds(accessTokenTtlSeconds),
      early: true,
      origin,
    });
    return promoted === "conflict" ? undefined : next;
  }

  async function find(kid: string): Promise<StoredKey> {
    const stored = (await store.all()).find((key) => key.kid === kid);
    if (stored === undefined) throw unknownKey();
    return stored;
  }

  return {
    list: () => store.all(),

    async rotate(rotation = {}) {
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        const kid = await rotateOnce(rotation);
        if (kid !== undefined) return find(kid);
      }
      throw new KeyError("key_conflict", "Other instances keep changing the signing keys; try again");
    },

    async revoke(kid, origin = {}) {
      const { algorithm } = await find(kid);
      const successor = await sealedKeys.make(algorithm as SigningAlgorithm);
      const { outcome } = await store.revoke(kid, successor, origin);
      if (outcome === "unknown") throw unknownKey();
    },

    async exportJwk(kid, { unsafePrintSecret = false, origin = {} } = {}) {
      const key = sealedKeys.open(await find(kid));
      if (!key.algorithm.startsWith("HS")) return exportPublicJwk(key);
      if (!unsafePrintSecret) {
        throw new KeyError(
          "key_secret",
          "This key is a secret: whoever has it can forge tokens. It is shown only when that is asked for by name",
        );
      }
      await store.recordExport(kid, origin);
      return exportPrivateJwk(key);
    },
  };
}

/** Without the id that was asked for: it is somebody's input. */
function unknownKey(): KeyError {
  return new KeyError("key_unknown", "No signing key has this id");
}
