/** `sign` as in jsonwebtoken 9: claims and options in, a token out. */
import { findAlgorithm } from "../algorithms.ts";
import { createTextSigner } from "../signer.ts";
import { engineKey } from "./engine-keys.ts";
import { JsonWebTokenError } from "./errors.ts";
import { readKey } from "./key-material.ts";
import { claimsPayload, textPayload } from "./sign-payload.ts";
import { assertSignOptions } from "./sign-options.ts";
import type { JwtHeader, PrivateKey, Secret, SignCallback, SignOptions } from "./types.ts";

type Payload = string | Uint8Array | object;

/**
 * A token for `payload`; with a callback, it is called on a later turn.
 *
 * @throws JsonWebTokenError if the payload, the key or an option makes no sense or is not safe.
 */
export function sign(
  payload: Payload,
  secretOrPrivateKey: Secret | PrivateKey,
  options?: SignOptions,
): string;
export function sign(payload: Payload, secretOrPrivateKey: Secret | PrivateKey, callback: SignCallback): void;
export function sign(
  payload: Payload,
  secretOrPrivateKey: Secret | PrivateKey,
  options: SignOptions,
  callback: SignCallback,
): void;
export function sign(
  payload: Payload,
  secretOrPrivateKey: Secret | PrivateKey,
  optionsOrCallback?: SignOptions | SignCallback | null,
  callback?: SignCallback,
): string | undefined {
  const done = typeof optionsOrCallback === "function" ? optionsOrCallback : callback;
  const options = typeof optionsOrCallback === "function" ? {} : (optionsOrCallback ?? {});
  if (done === undefined) return signNow(payload, secretOrPrivateKey, options);
  let token: string;
  try {
    token = signNow(payload, secretOrPrivateKey, options);
  } catch (error) {
    done(error as Error);
    return undefined;
  }
  queueMicrotask(() => done(null, token));
  return undefined;
}

function signNow(payload: Payload, secretOrPrivateKey: unknown, options: SignOptions): string {
  const isText = typeof payload !== "object" || payload instanceof Uint8Array;
  const header = headerOf(options, isText);
  if (secretOrPrivateKey === undefined || secretOrPrivateKey === null || secretOrPrivateKey === "")
    throw new JsonWebTokenError("secretOrPrivateKey must have a value");
  const keyObject = readKey(secretOrPrivateKey, "secretOrPrivateKey");
  const key = engineKey(keyObject, {
    algorithm: header.alg,
    role: "secretOrPrivateKey",
    allowInsecureKeySizes: options.allowInsecureKeySizes === true,
  });
  const text = isText ? textPayload(payload, options) : claimsPayload(payload, options);
  return createTextSigner(key, header)(text);
}

/** Members that change how a token must be read. No verifier of this package accepts them. */
const refusedMembers = ["crit", "b64", "zip"];

function headerOf(options: SignOptions, isText: boolean): JwtHeader {
  assertSignOptions(options);
  const header: JwtHeader = {
    alg: options.algorithm ?? "HS256",
    typ: isText ? undefined : "JWT",
    kid: options.keyid,
    ...options.header,
  };
  if (findAlgorithm(header.alg) === undefined)
    throw new JsonWebTokenError(
      header.alg === "none"
        ? '"none" is no signature: unsigned tokens are not supported'
        : '"algorithm" must be a valid string enum value',
    );
  const refused = refusedMembers.find((name) => header[name] !== undefined);
  if (refused !== undefined) throw new JsonWebTokenError(`"${refused}" is not supported in "header"`);
  return header;
}
