/** C2SP Wycheproof: JSON Web Signatures, keys and (to be refused) encryption; one test for each case. */
import { type Jwk, importJwk, importJwkSet, type KeySet, keySet, secretKey } from "../../src/index.ts";
import type { Harness, ReadVectors } from "./harness.ts";
import { openToken, unlessRefused } from "./verdict.ts";

interface Group {
  readonly comment: string;
  readonly private?: Jwk | { readonly keys: readonly Jwk[] };
  readonly public?: Jwk | { readonly keys: readonly Jwk[] };
  readonly tests: readonly Case[];
}

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly result: "valid" | "invalid" | "acceptable";
  /** In the compact serialization, or an object in a JSON serialization. */
  readonly jws?: unknown;
  readonly jwe?: unknown;
}

/** Where the file and a strict verifier differ: the file's own mistakes, and rules it leaves open. */
const differences: Readonly<Record<string, Readonly<Record<number, "accept" | "refuse">>>> = {
  json_web_signature_test: {
    // Byte for byte the valid case 357: the padding they are about was lost when the file was made.
    367: "accept",
    370: "accept",
    // A question mark inside a segment (RFC 7515 §2, §5.2).
    372: "refuse",
    373: "refuse",
    // PS384 under a key whose alg is PS256 (RFC 7517 §4.4, RFC 8725 §3.1).
    346: "refuse",
    350: "refuse",
    // The key's alg is "ES521", which does not exist.
    347: "refuse",
    351: "refuse",
  },
};

export function wycheproofSuite({ test, check }: Harness, read: ReadVectors): void {
  for (const file of ["json_web_signature_test", "json_web_key_test", "json_web_crypto_test"]) {
    for (const group of groupsOf(read, file)) {
      let keys: KeySet | undefined;
      let isImported = false;
      for (const { tcId, comment, result, jws } of group.tests) {
        if (jws === undefined) continue;
        const expected = differences[file]?.[tcId] ?? (result === "valid" ? "accept" : "refuse");
        test(`${file} ${tcId} ${group.comment} ${comment}: ${expected}`, () => {
          if (!isImported) keys = importGroup(group);
          isImported = true;
          const payload = keys === undefined ? undefined : openToken(keys, jws);
          check((payload === undefined ? "refuse" : "accept") === expected, "the other way round");
        });
      }
    }
  }

  for (const file of ["json_web_crypto_test", "json_web_encryption_test"]) {
    const keys = keySet([secretKey("HS256", new Uint8Array(32))]);
    for (const { comment, tests } of groupsOf(read, file)) {
      for (const { tcId, jwe } of tests) {
        if (jwe === undefined) continue;
        test(`${file} ${tcId} ${comment}: refuse what is encrypted`, () => {
          check(openToken(keys, jwe) === undefined, "accepted");
        });
      }
    }
  }
}

function groupsOf(read: ReadVectors, file: string): readonly Group[] {
  return (read(`wycheproof/${file}.json`) as { testGroups: readonly Group[] }).testGroups;
}

/** The keys a verifier would have; undefined if the engine refuses them. */
function importGroup(group: Group): KeySet | undefined {
  const json = group.public ?? group.private;
  if (json === undefined) return undefined;
  return unlessRefused(() =>
    "keys" in json
      ? importJwkSet(json, { allowSecrets: group.public === undefined })
      : keySet([importJwk(json)]),
  );
}
