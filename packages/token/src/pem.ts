/** Keys that people already have: PEM files and `KeyObject`s. */
import crypto, { type KeyObject } from "node:crypto";
import type { AlgorithmName } from "./algorithms.ts";
import { importSnapshot, snapshotJwk } from "./jwk.ts";
import type { Key } from "./keys.ts";

/** One block, nothing before it and nothing after it but white space. */
const singleBlock =
  /^\s*-----BEGIN ((?:RSA )?PUBLIC KEY|(?:RSA |EC )?PRIVATE KEY)-----\s[A-Za-z0-9+/=\s]+-----END \1-----\s*$/;

/**
 * A public or private key from a PEM text: SPKI, PKCS #8, PKCS #1 or SEC 1, not encrypted, one block.
 *
 * A certificate is refused: whom it binds to the key would have to be checked first.
 *
 * @throws TypeError if the text is anything else, or not a sound key of that algorithm.
 */
export function importPem(
  algorithm: Exclude<AlgorithmName, "HS256" | "HS384" | "HS512">,
  pem: string,
  options: { kid?: string | undefined } = {},
): Key {
  const label = typeof pem === "string" ? singleBlock.exec(pem)?.[1] : undefined;
  if (label === undefined)
    throw new TypeError("not a PEM text with one public or private key that is not encrypted");
  let key: KeyObject;
  try {
    key = label.endsWith("PUBLIC KEY") ? crypto.createPublicKey(pem) : crypto.createPrivateKey(pem);
  } catch {
    throw new TypeError("the PEM text cannot be read as a key by this runtime");
  }
  return importKeyObject(algorithm, key, options);
}

/**
 * A key from a `KeyObject` of `node:crypto`: public, private or secret.
 *
 * @throws TypeError if it is not a sound key of that algorithm.
 */
export function importKeyObject(
  algorithm: AlgorithmName,
  keyObject: KeyObject,
  options: { kid?: string | undefined } = {},
): Key {
  if (!(keyObject instanceof crypto.KeyObject)) throw new TypeError("not a KeyObject");
  let jwk: object;
  try {
    jwk = keyObject.export({ format: "jwk" });
  } catch {
    throw new TypeError(`not a key for ${algorithm}`);
  }
  return importSnapshot(snapshotJwk({ ...jwk, kid: options.kid }), algorithm);
}
