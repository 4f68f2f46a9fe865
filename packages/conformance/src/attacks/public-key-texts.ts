// A public key in every text that a program may have in its hands when it asks for "the secret".
import { selfSignedCertificate } from "../certificate.ts";
import type { PublicKey } from "../forge.ts";

export interface KeyText {
  readonly id: "A4" | "A5" | "A6";
  readonly form: string;
  readonly source: string;
  /** The bytes; `undefined` where this type of key has no such form. */
  readonly of: (key: PublicKey) => string | Buffer | undefined;
}

const CLASSIC = "CVE-2015-9235, CVE-2016-10555, CVE-2022-29217, CVE-2023-48223; RFC 8725 §2.1";
const PREFIXED = "CVE-2026-34950, GHSA-ww5h-9m49-7xx4; RFC 8725 §3.1";
const AS_JWK = "GHSA-g3jj-5cmm-3hxx; RFC 8725 §3.1";

/** A block of another kind, at which a reader that looks for the first one stops. */
const OTHER_BLOCK = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

const pem = ({ object }: PublicKey): string => object.export({ format: "pem", type: "spki" }).toString();
const der = ({ object }: PublicKey): Buffer => object.export({ format: "der", type: "spki" });

export const publicKeyTexts: readonly KeyText[] = [
  { id: "A4", form: "PEM", source: CLASSIC, of: pem },
  { id: "A5", form: "PEM, trimmed", source: CLASSIC, of: (key) => pem(key).trim() },
  { id: "A5", form: "PEM, CRLF", source: CLASSIC, of: (key) => pem(key).replaceAll("\n", "\r\n") },
  { id: "A5", form: "PEM in one line", source: CLASSIC, of: (key) => pem(key).replaceAll("\n", "") },
  { id: "A5", form: "PEM, newlines escaped", source: CLASSIC, of: (key) => pem(key).replaceAll("\n", "\\n") },
  { id: "A5", form: "PEM after a newline", source: PREFIXED, of: (key) => `\n${pem(key)}` },
  { id: "A5", form: "PEM after a BOM", source: PREFIXED, of: (key) => `\ufeff${pem(key)}` },
  { id: "A5", form: "PEM after a comment", source: PREFIXED, of: (key) => `# public key\n${pem(key)}` },
  { id: "A5", form: "PEM after a zero-width space", source: PREFIXED, of: (key) => `\u200b${pem(key)}` },
  { id: "A5", form: "PEM after another block", source: PREFIXED, of: (key) => `${OTHER_BLOCK}${pem(key)}` },
  { id: "A5", form: "PEM before a NUL", source: PREFIXED, of: (key) => `${pem(key)}\u0000` },
  {
    id: "A5",
    form: "PEM, PKCS #1",
    source: CLASSIC,
    of: ({ object }) =>
      object.asymmetricKeyType === "rsa" ? object.export({ format: "pem", type: "pkcs1" }) : undefined,
  },
  { id: "A5", form: "DER", source: CLASSIC, of: der },
  { id: "A5", form: "DER in base64", source: CLASSIC, of: (key) => der(key).toString("base64") },
  { id: "A5", form: "DER in hexadecimal", source: CLASSIC, of: (key) => der(key).toString("hex") },
  { id: "A5", form: "OpenSSH line", source: CLASSIC, of: openSsh },
  { id: "A5", form: "bare public bytes", source: CLASSIC, of: bareBytes },
  { id: "A6", form: "JWK", source: AS_JWK, of: ({ jwk }) => JSON.stringify(jwk) },
  {
    id: "A6",
    form: "JWK, key members only",
    source: AS_JWK,
    of: ({ object }) => JSON.stringify(object.export({ format: "jwk" })),
  },
  {
    id: "A6",
    form: "JWK, indented",
    source: AS_JWK,
    of: ({ jwk }) => JSON.stringify(jwk, null, 2),
  },
  { id: "A6", form: "JWK Set", source: AS_JWK, of: ({ jwk }) => JSON.stringify({ keys: [jwk] }) },
  { id: "A6", form: "array of JWKs", source: AS_JWK, of: ({ jwk }) => JSON.stringify([jwk]) },
];

const certificate = ({ object }: PublicKey): Buffer | undefined => selfSignedCertificate(object);

/** Every certificate for a key is another one, so these are for a target that is given the text, not for a guess. */
export const certificateTexts: readonly KeyText[] = [
  { id: "A5", form: "certificate, DER", source: CLASSIC, of: certificate },
  {
    id: "A5",
    form: "certificate as x5c carries it",
    source: CLASSIC,
    of: (key) => certificate(key)?.toString("base64"),
  },
];

/** The line of `authorized_keys` (RFC 4253 §6.6, RFC 8709 §4); `undefined` for the types that have no short one. */
function openSsh({ object, jwk }: PublicKey): string | undefined {
  const type = object.asymmetricKeyType === "rsa" ? "ssh-rsa" : "ssh-ed25519";
  const members = type === "ssh-rsa" ? [jwk.e, jwk.n] : [jwk.x];
  if (object.asymmetricKeyType !== "rsa" && object.asymmetricKeyType !== "ed25519") return undefined;
  const numbers = members.map((text = "") => Buffer.from(text, "base64url"));
  // A number whose first bit is set would be negative.
  const signed = numbers.map((bytes) =>
    type === "ssh-rsa" && (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes,
  );
  const fields = [Buffer.from(type), ...signed].map((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return Buffer.concat([length, field]);
  });
  return `${type} ${Buffer.concat(fields).toString("base64")} issuer@example.com`;
}

/** RSA modulus, EC point coordinates or the raw key: the member of the JWK that looks most like a key. */
function bareBytes({ jwk }: PublicKey): Buffer | undefined {
  const members = ["n", "x", "y", "pub"].map((name) => jwk[name]);
  const text = members.filter((member) => typeof member === "string").join("");
  return text === "" ? undefined : Buffer.from(text, "base64url");
}
