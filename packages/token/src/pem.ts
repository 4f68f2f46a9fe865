/** Keys that people already have: PEM files and `KeyObject`s. */
import crypto, { type KeyObject } from "node:crypto";
import type { AlgorithmName } from "./algorithms.ts";
import { importSnapshot, snapshotJwk } from "./jwk.ts";
import type { Key } from "./keys.ts";

/** Where a block of RFC 7468 begins: at the start of a line. */
const beginning = /^[^\S\n]*-----BEGIN ([A-Z0-9][A-Z0-9 ]{0,40})-----\s/gm;

/** What a block may be that holds a key, and which function of the runtime reads it. */
const readerOf: Readonly<Record<string, (pem: string) => KeyObject>> = {
  "PUBLIC KEY": (pem) => crypto.createPublicKey(pem),
  "RSA PUBLIC KEY": (pem) => crypto.createPublicKey(pem),
  CERTIFICATE: (pem) => new crypto.X509Certificate(pem).publicKey,
  "PRIVATE KEY": (pem) => crypto.createPrivateKey(pem),
  "RSA PRIVATE KEY": (pem) => crypto.createPrivateKey(pem),
  "EC PRIVATE KEY": (pem) => crypto.createPrivateKey(pem),
};

/** What to do about a block that holds a key in a form that is not read. */
const adviceFor: Readonly<Record<string, string>> = {
  "ENCRYPTED PRIVATE KEY": "the key is encrypted: decrypt it first, e.g. with openssl pkey",
  "OPENSSH PRIVATE KEY": "this is OpenSSH's own form: convert it first, with ssh-keygen -p -m PEM",
  "CERTIFICATE REQUEST": "this is a request for a certificate: take the certificate or its key",
};

/**
 * A public or private key from a PEM text: SPKI, PKCS #8, PKCS #1, SEC 1, or the public key of a certificate; one block,
 * not encrypted. Text may stand before it, and the parameters that `openssl ecparam -genkey` writes first.
 *
 * Of a certificate nothing but the key is read: neither who issued it, nor for whom, nor until when.
 *
 * @throws TypeError if the text is anything else, or not a sound key of that algorithm.
 */
export function importPem(
  algorithm: Exclude<AlgorithmName, "HS256" | "HS384" | "HS512">,
  pem: string,
  options: { kid?: string | undefined } = {},
): Key {
  const { label, block } = onlyBlockOf(pem);
  const read = readerOf[label];
  if (read === undefined) throw notOneKey(adviceFor[label] ?? `a block "${label}" holds no key`);
  if (/^Proc-Type: *4,ENCRYPTED/m.test(block)) throw notOneKey(adviceFor["ENCRYPTED PRIVATE KEY"]!);
  let key: KeyObject;
  try {
    key = read(block);
  } catch {
    throw new TypeError(
      `the PEM text cannot be read as a key by this runtime: its block "${label}" is no such thing`,
    );
  }
  return importKeyObject(algorithm, key, options);
}

function notOneKey(reason: string): TypeError {
  return new TypeError(`not a PEM text with one public or private key that is not encrypted: ${reason}`);
}

/** The one block of a text, apart from the parameters of a curve. @throws TypeError */
function onlyBlockOf(pem: unknown): { label: string; block: string } {
  if (typeof pem !== "string") throw notOneKey("it is no string");
  const blocks = Array.from(pem.matchAll(beginning), ({ 0: { length }, 1: label = "", index }) => ({
    label,
    start: index,
    contentStart: index + length,
  })).filter(({ label }) => label !== "EC PARAMETERS");
  const [first, second] = blocks;
  if (first === undefined) throw notOneKey("no line begins a block");
  if (second !== undefined) {
    throw notOneKey(`there are several blocks (${blocks.map(({ label }) => label).join(", ")})`);
  }
  const { label, start, contentStart } = first;
  const end = `-----END ${label}-----`;
  const endsAt = pem.indexOf(end, contentStart);
  if (endsAt === -1) throw notOneKey(`the block "${label}" does not end`);
  if (pem.slice(endsAt + end.length).trim() !== "") throw notOneKey("something stands behind the block");
  const content = pem.slice(contentStart, endsAt);
  if (/[^A-Za-z0-9+/=\s]/.test(content.replace(/^(?:[A-Z][\w-]*:[^\n]*\n)+/, ""))) {
    throw notOneKey(`the block "${label}" holds characters that are not base64`);
  }
  return { label, block: pem.slice(start, endsAt + end.length).trim() };
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
