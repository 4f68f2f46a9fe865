/** One behaviour, seen on jsonwebtoken from npm and on our face of it. */
import crypto from "node:crypto";
import ours from "@countersign/token/jsonwebtoken";
import theirs from "jsonwebtoken";
import { expect, test } from "vitest";

/** Loosely typed: half of what is tried here is what the types forbid. */
export interface Face {
  readonly sign: (...parameters: unknown[]) => unknown;
  readonly verify: (...parameters: unknown[]) => unknown;
  readonly decode: (...parameters: unknown[]) => unknown;
}

const faces = { ours: ours as unknown as Face, theirs: theirs as unknown as Face };

/** A value, or what an error shows to those who catch it. */
type Outcome = { value: unknown } | { error: Record<string, unknown> };

function outcomeOf(run: (face: Face) => unknown, face: Face): Outcome {
  try {
    return { value: run(face) };
  } catch (error) {
    return { error: shown(error as Error) };
  }
}

function shown(error: Error): Record<string, unknown> {
  const fields = Object.fromEntries(Object.entries(error).filter(([name]) => name !== "inner"));
  // jsonwebtoken throws a plain Error where a call makes no sense. That one difference of names is documented.
  return {
    ...fields,
    message: error.message,
    name: error.name === "Error" ? "JsonWebTokenError" : error.name,
  };
}

/** States that both do the same with the same. */
export function same(behaviour: string, run: (face: Face) => unknown): void {
  test(behaviour, () => {
    expect(outcomeOf(run, faces.ours)).toEqual(outcomeOf(run, faces.theirs));
  });
}

const ourErrors = ["JsonWebTokenError", "TokenExpiredError", "NotBeforeError"];

export interface Difference {
  readonly run: (face: Face) => unknown;
  /** What jsonwebtoken gives: a value, a message, or an error of the runtime that slipped out. */
  readonly theirs: unknown;
  /** The message of our error, or our value. */
  readonly ours: unknown;
}

/** States a difference. Its name stands in the table of docs/coming-from-jsonwebtoken.md. */
export function different(name: string, difference: Difference): void {
  test(name, () => {
    const theirOutcome = outcomeOf(difference.run, faces.theirs);
    const ourOutcome = outcomeOf(difference.run, faces.ours);
    expect("error" in theirOutcome ? theirOutcome.error["message"] : theirOutcome.value).toEqual(
      difference.theirs,
    );
    expect("error" in ourOutcome ? ourOutcome.error["message"] : ourOutcome.value).toEqual(difference.ours);
    if ("error" in ourOutcome) expect(ourErrors).toContain(ourOutcome.error["name"]);
  });
}

/** The second at which most tests stand. */
export const now = 1_700_000_000;

export const secret = crypto.randomBytes(48).toString("base64url");
export const secretBytes = crypto.randomBytes(64);
export const secretObject = crypto.createSecretKey(secretBytes);

export interface Pair {
  readonly publicKey: crypto.KeyObject;
  readonly privateKey: crypto.KeyObject;
}

export const rsa: Pair = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
export const smallRsa: Pair = crypto.generateKeyPairSync("rsa", { modulusLength: 1024 });
export const p256: Pair = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
export const p384: Pair = crypto.generateKeyPairSync("ec", { namedCurve: "P-384" });
export const p521: Pair = crypto.generateKeyPairSync("ec", { namedCurve: "P-521" });
export const ed25519: Pair = crypto.generateKeyPairSync("ed25519");
export const ed448: Pair = crypto.generateKeyPairSync("ed448");

export function publicPem({ publicKey }: Pair): string {
  return publicKey.export({ type: "spki", format: "pem" }) as string;
}

export function privatePem({ privateKey }: Pair): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }) as string;
}

/** A token put together by hand: any header, any payload, a MAC that holds. */
export function forge(header: unknown, payload: unknown, key: string | Buffer = secret): string {
  const input = [header, payload]
    .map((part) => (typeof part === "string" || Buffer.isBuffer(part) ? part : JSON.stringify(part)))
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".");
  return `${input}.${crypto.createHmac("sha256", key).update(input).digest("base64url")}`;
}

/** A token of jsonwebtoken with these claims. */
export function tokenOf(claims: object, options: theirs.SignOptions = {}): string {
  return theirs.sign(claims, secret, options);
}
