// Signing keys on their way into the store and out of it: made, sealed for their row, opened again.
import { exportPrivateJwk, generateKey, importJwk, type Jwk, type Key } from "@countersign/token";
import type { SigningAlgorithm } from "../settings/signing-algorithms.ts";
import type { NewKey, StoredKey } from "./stored-key.ts";
import { KeyError } from "./error.ts";
import type { MasterKey } from "./master-key.ts";
import { createSealer, type SealContext } from "./sealing.ts";

export interface SealedKeys {
  /** A new key with a `kid` of its own. */
  make(algorithm: SigningAlgorithm): Promise<NewKey>;
  /**
   * @throws KeyError `sealed_unreadable`, also if what was sealed is not the key that its row
   *   describes.
   */
  open(stored: StoredKey): Key;
}

/**
 * Keys are sealed for signing access tokens alone, and each for its own `kid`: no row can stand in
 * for another.
 */
export function createSealedKeys(masterKey: MasterKey): SealedKeys {
  const sealer = createSealer(masterKey.derive("seal-signing-key"));
  return {
    async make(algorithm) {
      const { key, kid } = await generate(algorithm);
      const plaintext = Buffer.from(JSON.stringify(exportPrivateJwk(key)));
      const sealed = sealer.seal(plaintext, contextOf(kid));
      plaintext.fill(0);
      return { kid, algorithm, sealed };
    },

    open({ kid, algorithm, sealed }) {
      if (sealed === undefined)
        throw new KeyError("key_unknown", `The signing key ${kid} is retired and erased`);
      try {
        const plaintext = sealer.open(sealed, contextOf(kid));
        const key = importJwk(JSON.parse(plaintext.toString("utf8")) as Jwk);
        plaintext.fill(0);
        if (key.kid === kid && key.algorithm === algorithm) return key;
      } catch (error) {
        throw error instanceof KeyError ? unreadable(kid, error) : unreadable(kid);
      }
      throw unreadable(kid);
    },
  };
}

/** Only errors of our own are a cause: those of a parser may quote what was sealed. */
function unreadable(kid: string, cause?: KeyError): KeyError {
  return new KeyError(
    "sealed_unreadable",
    `The signing key ${kid} does not open: its row was changed, moved, or sealed under another master key. ` +
      `Restore the row from a backup, or end trust in the key: countersign keys revoke ${kid}`,
    cause === undefined ? {} : { cause },
  );
}

/** A `kid` that begins with a dash would read like an option on a command line. */
async function generate(algorithm: SigningAlgorithm): Promise<{ key: Key; kid: string }> {
  for (;;) {
    const key = await generateKey(algorithm);
    const { kid } = key;
    if (kid !== undefined && !kid.startsWith("-")) return { key, kid };
  }
}

function contextOf(kid: string): SealContext {
  return { purpose: "access-token-signing", kid };
}
