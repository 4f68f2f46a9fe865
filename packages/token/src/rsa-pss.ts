/**
 * RSASSA-PSS signatures (RFC 7518 §3.5).
 *
 * By way of `createSign` and `createVerify`, which are as fast as the one-shot calls: workerd's one-shot calls take no
 * notice of the padding, and would make and accept PKCS #1 v1.5 signatures instead.
 */
import crypto, { type KeyObject } from "node:crypto";

export interface PssParameters {
  readonly hash: string;
  /** Bytes: the salt is exactly as long as the hash, when verifying too. */
  readonly saltLength: number;
}

export function pssSign(parameters: PssParameters, privateKey: KeyObject): (input: Uint8Array) => Buffer {
  const key = withOptions(parameters, privateKey, "pkcs8");
  return (input) => crypto.createSign(parameters.hash).update(input).sign(key);
}

export function pssVerify(
  parameters: PssParameters,
  publicKey: KeyObject,
): (input: Uint8Array, signature: Uint8Array) => boolean {
  const key = withOptions(parameters, publicKey, "spki");
  return (input, signature) => crypto.createVerify(parameters.hash).update(input).verify(key, signature);
}

/** The key with the options for PSS beside it; as a text where the runtime, workerd, takes no `KeyObject` there. */
function withOptions(
  { hash, saltLength }: PssParameters,
  key: KeyObject,
  type: "pkcs8" | "spki",
): { key: KeyObject; padding: number; saltLength: number } {
  const options = { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength };
  try {
    crypto.createVerify(hash).verify({ key, ...options }, new Uint8Array());
    return { key, ...options };
  } catch {
    return { key: key.export({ type, format: "pem" }) as unknown as KeyObject, ...options };
  }
}
