/** `verify` as in jsonwebtoken 9: the engine opens the token, and its claims are judged as told. */
import { createOpener, parseSegment, type Opener } from "../compact.ts";
import { TokenError } from "../errors.ts";
import type { Key } from "../keys.ts";
import { keySet } from "../key-set.ts";
import { defaultAlgorithms, engineKey } from "./engine-keys.ts";
import { JsonWebTokenError } from "./errors.ts";
import { readKey } from "./key-material.ts";
import { callBack } from "./outcome.ts";
import { readPayload } from "./payload.ts";
import type {
  GetPublicKeyOrSecret,
  Jwt,
  JwtHeader,
  JwtPayload,
  PublicKey,
  Secret,
  VerifyCallback,
  VerifyOptions,
} from "./types.ts";
import { assertVerifyOptions, judgeClaims } from "./verify-claims.ts";

type VerifyKey = Secret | PublicKey;

/**
 * The payload of a token whose signature and claims hold; with a callback, the callback gets it.
 *
 * @throws JsonWebTokenError, TokenExpiredError, NotBeforeError
 */
export function verify(token: string, key: VerifyKey, options: VerifyOptions & { complete: true }): Jwt;
export function verify(
  token: string,
  key: VerifyKey,
  options?: VerifyOptions & { complete?: false },
): JwtPayload | string;
export function verify(token: string, key: VerifyKey, options?: VerifyOptions): Jwt | JwtPayload | string;
export function verify(
  token: string,
  key: VerifyKey | GetPublicKeyOrSecret,
  callback: VerifyCallback<JwtPayload | string>,
): void;
export function verify(
  token: string,
  key: VerifyKey | GetPublicKeyOrSecret,
  options: VerifyOptions & { complete: true },
  callback: VerifyCallback<Jwt>,
): void;
export function verify(
  token: string,
  key: VerifyKey | GetPublicKeyOrSecret,
  options: (VerifyOptions & { complete?: false }) | undefined,
  callback: VerifyCallback<JwtPayload | string>,
): void;
export function verify(
  token: string,
  key: VerifyKey | GetPublicKeyOrSecret,
  optionsOrCallback?: VerifyOptions | VerifyCallback<never>,
  callback?: VerifyCallback<never>,
): Jwt | JwtPayload | string | undefined {
  const givenCallback = typeof optionsOrCallback === "function" ? optionsOrCallback : callback;
  const done = givenCallback as VerifyCallback | undefined;
  // A copy: nobody changes the options while a key is looked up.
  const options = { ...(typeof optionsOrCallback === "function" ? {} : optionsOrCallback) };
  if (done === undefined) {
    const header = readHeader(token, options);
    if (typeof key === "function")
      throw new JsonWebTokenError(
        "verify must be called asynchronous if secret or public key is provided as a callback",
      );
    return judge(token, header, key, options);
  }
  let header: JwtHeader;
  try {
    header = readHeader(token, options);
  } catch (error) {
    done(error as JsonWebTokenError);
    return undefined;
  }
  if (typeof key !== "function") {
    callBack(() => judge(token, header, key, options), done);
    return undefined;
  }
  key(header, (error, found) => {
    if (error) done(new JsonWebTokenError(`error in secret or public key callback: ${error.message}`));
    else callBack(() => judge(token, header, found, options), done);
  });
  return undefined;
}

/** Longer tokens are not read. */
const maxTokenLength = 2 ** 20;

function readHeader(token: unknown, options: VerifyOptions): JwtHeader {
  assertVerifyOptions(options);
  if (token === undefined || token === null || token === "")
    throw new JsonWebTokenError("jwt must be provided");
  if (typeof token !== "string") throw new JsonWebTokenError("jwt must be a string");
  if (token.length > maxTokenLength) throw new JsonWebTokenError("jwt is too long");
  if (token.split(".", 4).length !== 3) throw new JsonWebTokenError("jwt malformed");
  return refusing(() => parseSegment(token.slice(0, token.indexOf("."))) as JwtHeader);
}

function judge(
  token: string,
  header: JwtHeader,
  key: unknown,
  options: VerifyOptions,
): Jwt | JwtPayload | string {
  const signature = token.slice(token.lastIndexOf(".") + 1);
  if (signature === "") throw new JsonWebTokenError("jwt signature is required");
  if (key === undefined || key === null || key === "")
    throw new JsonWebTokenError("secret or public key must be provided");
  const keyObject = readKey(key, "secretOrPublicKey");
  const algorithms: readonly string[] = options.algorithms ?? defaultAlgorithms(keyObject);
  if (!algorithms.includes(header.alg)) throw new JsonWebTokenError("invalid algorithm");
  const open = openerFor(
    engineKey(keyObject, {
      algorithm: header.alg,
      role: "secretOrPublicKey",
      allowInsecureKeySizes: options.allowInsecureKeySizes === true,
    }),
  );
  const payload = refusing(() => readPayload(open(token).payload, header));
  judgeClaims(typeof payload === "string" ? {} : payload, options);
  return options.complete === true ? { header, payload, signature } : payload;
}

const openers = new WeakMap<Key, Opener>();

function openerFor(key: Key): Opener {
  const known = openers.get(key);
  if (known !== undefined) return known;
  const opener = createOpener(keySet([key]), null);
  openers.set(key, opener);
  return opener;
}

/** Puts a refusal of the engine into the words of jsonwebtoken. Any other error passes unchanged. */
function refusing<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw error instanceof TokenError ? new JsonWebTokenError(messageOf(error), error) : error;
  }
}

function messageOf({ code }: TokenError): string {
  if (code === "bad_signature") return "invalid signature";
  if (code === "critical_header") return "jwt header asks for an extension that is not supported";
  return "invalid token";
}
