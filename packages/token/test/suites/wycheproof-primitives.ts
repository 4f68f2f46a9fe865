/** C2SP Wycheproof: the signature schemes themselves, each case put to the engine's key as a token would be. */
import { type AlgorithmName, importJwk, type Jwk, importPem, type Key, secretKey } from "../../src/index.ts";
import { materialOf } from "../../src/keys.ts";
import type { Harness, ReadVectors } from "./harness.ts";
import { unlessRefused } from "./verdict.ts";

interface Group {
  readonly keySize?: number;
  readonly tagSize?: number;
  readonly publicKeyJwk?: Jwk;
  readonly keyJwk?: Jwk;
  readonly publicKeyPem?: string;
  /** Raw, for ML-DSA. */
  readonly publicKey?: unknown;
  readonly tests: readonly Case[];
}

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly result: "valid" | "invalid" | "acceptable";
  readonly msg: string;
  readonly sig?: string;
  readonly key?: string;
  readonly tag?: string;
  readonly ctx?: string;
}

const files: Readonly<Record<string, AlgorithmName>> = {
  hmac_sha256_test: "HS256",
  hmac_sha384_test: "HS384",
  hmac_sha512_test: "HS512",
  rsa_signature_2048_sha256_test: "RS256",
  rsa_pss_2048_sha256_mgf1_32_test: "PS256",
  ecdsa_secp256r1_sha256_p1363_test: "ES256",
  ed25519_test: "Ed25519",
  mldsa_65_verify_test: "ML-DSA-65",
};

/** Bytes of a secret and of a MAC (RFC 7518 §3.2). */
const hashBits: Readonly<Partial<Record<AlgorithmName, number>>> = { HS256: 256, HS384: 384, HS512: 512 };

export function wycheproofPrimitivesSuite(
  { test, check }: Harness,
  read: ReadVectors,
  { hasLatticeKeys }: { hasLatticeKeys: boolean },
): void {
  for (const [file, algorithm] of Object.entries(files)) {
    if (algorithm === "ML-DSA-65" && !hasLatticeKeys) continue;
    const { testGroups } = read(`wycheproof-primitives/${file}.json`) as { testGroups: readonly Group[] };
    for (const group of testGroups) {
      for (const vector of group.tests) {
        const expected = isExpected(algorithm, group, vector);
        test(`${file} ${vector.tcId} ${vector.comment}: ${expected ? "accept" : "refuse"}`, () => {
          check(isAccepted(algorithm, group, vector) === expected, "the other way round");
        });
      }
    }
  }
}

/** What RFC 7518 and RFC 9964 make of a case. */
function isExpected(algorithm: AlgorithmName, group: Group, { result, msg, ctx = "" }: Case): boolean {
  const bits = hashBits[algorithm];
  if (bits !== undefined) {
    // Short secrets and truncated MACs are not HS256 (RFC 7518 §3.2).
    if ((group.keySize ?? 0) < bits || group.tagSize !== bits) return false;
    // What is signed is ASCII (RFC 7515 §5.1).
    if (!isAscii(msg)) return false;
  }
  // The engine wants an RSA exponent of at least 65,537 (FIPS 186-5 §A.1.1); two cases have 3.
  if (group.keyJwk?.e === "Aw") return false;
  // The context of ML-DSA is empty (RFC 9964).
  return result === "valid" && ctx === "";
}

function isAccepted(algorithm: AlgorithmName, group: Group, { msg, sig, tag, key: secret }: Case): boolean {
  const key = unlessRefused(() => importKey(algorithm, group, secret));
  if (key === undefined) return false;
  const { verify, verifyBytes } = materialOf(key);
  const signature = Buffer.from(sig ?? tag ?? "", "hex");
  if (verifyBytes !== undefined) return verifyBytes(Buffer.from(msg, "hex"), signature);
  const input = Buffer.from(msg, "hex").toString("latin1");
  return verify(`${input}.${signature.toString("base64url")}`, input.length);
}

function importKey(algorithm: AlgorithmName, group: Group, secret: string | undefined): Key {
  if (algorithm === "HS256" || algorithm === "HS384" || algorithm === "HS512") {
    return secretKey(algorithm, Buffer.from(secret ?? "", "hex"));
  }
  const { publicKeyJwk = group.keyJwk, publicKeyPem, publicKey } = group;
  if (publicKeyJwk !== undefined) return importJwk(publicKeyJwk, { algorithm });
  if (publicKeyPem !== undefined) return importPem(algorithm, publicKeyPem);
  const pub = typeof publicKey === "string" ? Buffer.from(publicKey, "hex").toString("base64url") : "";
  return importJwk({ kty: "AKP", alg: algorithm, pub });
}

function isAscii(hex: string): boolean {
  return Buffer.from(hex, "hex").every((byte) => byte < 0x80);
}
