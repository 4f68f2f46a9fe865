// The README and the pages beside it: their examples run as pasted, their tables are complete.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { AlgorithmName, SignerOptions, TokenErrorCode, VerifierOptions } from "@countersign/token";
import { describe, expect, test } from "vitest";

const folder = resolve(import.meta.dirname, "..");
const readme = readFileSync(resolve(folder, "README.md"), "utf8");

const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);

/** The names in the first column of the table under a heading. */
function namesUnder(heading: string): readonly string[] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const cells = [...section.matchAll(/^\| (`.+?) \|/gm)].map(([, cell = ""]) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
}

/** The members of a union, as the compiler knows them all. */
function membersOf<Member extends string>(members: Record<Member, true>): readonly string[] {
  return Object.keys(members);
}

describe("the README", () => {
  test.each(examples.map((code) => [/^(?:const|try)\b.*$/m.exec(code)?.[0] ?? "", code]))(
    "has an example that runs as pasted: %s",
    async (_line, code) => {
      const program = ["--conditions=@countersign/source", "--input-type=module-typescript", "--eval", code];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, program, { cwd: folder });
      expect(stderr).toBe("");
      // Where a line says what it prints, it does.
      const promised = [...code.matchAll(/^ *console\.log\(.*; \/\/ (.*)$/gm)].map(([, text = ""]) => text);
      expect(stdout.split("\n")).toEqual(expect.arrayContaining(promised));
    },
  );

  test("names every algorithm", () => {
    expect(namesUnder("Keys").filter((name) => name !== "EdDSA" && name !== "TypeError")).toEqual(
      membersOf<AlgorithmName>({
        HS256: true,
        HS384: true,
        HS512: true,
        RS256: true,
        RS384: true,
        RS512: true,
        PS256: true,
        PS384: true,
        PS512: true,
        ES256: true,
        ES384: true,
        ES512: true,
        Ed25519: true,
        "ML-DSA-44": true,
        "ML-DSA-65": true,
        "ML-DSA-87": true,
      }),
    );
  });

  test("names every option of a verifier", () => {
    expect(namesUnder("A verifier's options")).toEqual(
      membersOf<keyof VerifierOptions>({
        keys: true,
        type: true,
        issuer: true,
        audience: true,
        requiredClaims: true,
        expiry: true,
        clockToleranceSeconds: true,
        maxTokenLength: true,
        rememberTokens: true,
        isRevoked: true,
        transform: true,
        now: true,
      }),
    );
  });

  test("names every option of a signer", () => {
    expect(namesUnder("A signer's options")).toEqual(
      membersOf<keyof SignerOptions>({
        key: true,
        type: true,
        lifetimeSeconds: true,
        issuer: true,
        audience: true,
        now: true,
      }),
    );
  });

  test("names every reason of a refusal", () => {
    expect(namesUnder("Refusals")).toEqual(
      membersOf<TokenErrorCode>({
        malformed: true,
        too_large: true,
        algorithm_not_allowed: true,
        critical_header: true,
        wrong_type: true,
        unknown_key: true,
        bad_signature: true,
        expired: true,
        not_yet_valid: true,
        claim_missing: true,
        claim_invalid: true,
        wrong_issuer: true,
        wrong_audience: true,
        revoked: true,
      }),
    );
  });
});
