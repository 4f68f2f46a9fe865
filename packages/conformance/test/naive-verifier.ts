// A verifier as somebody writes it in an afternoon: it checks the signature, and little else. The flaws build on it.
import { constants, createPublicKey, timingSafeEqual, verify as cryptoVerify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { AttackKeys } from "../src/keys.ts";
import { hashOf, isHmac, signAs } from "../src/signing.ts";

export type Json = Record<string, unknown>;

export interface Opened {
  readonly header: Json;
  readonly payload: unknown;
  /** The first two segments as they came. */
  readonly input: string;
  readonly signature: Buffer;
}

export class Refused extends Error {
  override readonly name = "Refused";
}

/** Splits and decodes without checking anything. */
export function open(token: string): Opened {
  const [header = "", payload = "", signature = ""] = token.split(".");
  return {
    header: JSON.parse(textOf(header)) as Json,
    payload: JSON.parse(textOf(payload)) as unknown,
    input: `${header}.${payload}`,
    signature: Buffer.from(signature, "base64"),
  };
}

export function textOf(segment: string): string {
  return Buffer.from(segment, "base64").toString("utf8");
}

/** Whether the signature is right for the setup's key; for another of its algorithms if told so. */
export function isRight(
  { signingKey, setup }: AttackKeys,
  input: string,
  signature: Buffer,
  algorithm: string = setup.algorithm,
): boolean {
  if (!isHmac(algorithm)) return isRightFor(createPublicKey(signingKey), algorithm, input, signature);
  const right = signAs(algorithm, signingKey, input);
  return right.length === signature.length && timingSafeEqual(right, signature);
}

/** With PSS salts of any length, which is a flaw of its own. */
export function isRightFor(key: KeyObject, algorithm: string, input: string, signature: Buffer): boolean {
  const bytes = Buffer.from(input);
  switch (algorithm.slice(0, 2)) {
    case "RS":
      return cryptoVerify(hashOf(algorithm), bytes, key, signature);
    case "PS": {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      const saltLength = constants.RSA_PSS_SALTLEN_AUTO;
      return cryptoVerify(hashOf(algorithm), bytes, { key, padding, saltLength }, signature);
    }
    case "ES":
      return cryptoVerify(hashOf(algorithm), bytes, { key, dsaEncoding: "ieee-p1363" }, signature);
    default:
      return cryptoVerify(null, bytes, key, signature);
  }
}

/** Opens, checks the signature, and returns whatever the payload is. */
export function naive(keys: AttackKeys, token: string): unknown {
  const { input, signature, payload } = open(token);
  if (!isRight(keys, input, signature)) throw new Refused("signature");
  return visible(payload);
}

/** Falsy payloads count as accepted too, because nothing has refused them. */
export function visible(payload: unknown): unknown {
  return payload === null || payload === undefined || payload === false ? true : payload;
}
