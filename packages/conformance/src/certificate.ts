// The smallest X.509 certificate that parses, for the attacks that carry a key in one.
import { generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;

const COMMON_NAME = Buffer.from("550403", "hex");
const ED25519 = Buffer.from("2b6570", "hex");

/**
 * DER of a certificate for the key, signed by a throw-away Ed25519 key: no chain leads anywhere, which is the point.
 *
 * `undefined` for keys that cannot be exported as SubjectPublicKeyInfo.
 */
export function selfSignedCertificate(publicKey: KeyObject): Buffer | undefined {
  if (publicKey.type !== "public") return undefined;
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, der(OBJECT_IDENTIFIER, COMMON_NAME), der(UTF8_STRING, Buffer.from("attacker")))),
  );
  const algorithm = der(SEQUENCE, der(OBJECT_IDENTIFIER, ED25519));
  const validity = der(SEQUENCE, utcTime("200101000000Z"), utcTime("491231235959Z"));
  const spki = publicKey.export({ format: "der", type: "spki" });
  const serial = der(INTEGER, Buffer.from([1]));
  const body = der(SEQUENCE, serial, algorithm, name, validity, name, spki);
  const signature = sign(null, body, generateKeyPairSync("ed25519").privateKey);
  return der(SEQUENCE, body, algorithm, der(BIT_STRING, Buffer.from([0]), signature));
}

function utcTime(text: string): Buffer {
  return der(UTC_TIME, Buffer.from(text));
}

/** One tag-length-value (X.690 §8.1), definite length. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOctets(content.length), content]);
}

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x100) return Buffer.from([0x81, length]);
  return Buffer.from([0x82, length >> 8, length & 0xff]);
}
