// Setups to build a verifier from, each with the token that it must refuse.
import { createSecretKey } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import type { Outcome, SetupCase } from "../attack-case.ts";
import { judge } from "../judgement.ts";
import { forgeFrom, makeKeys } from "../keys.ts";
import type { AttackKeys } from "../keys.ts";
import type { BuildVerify, Profile, Verify, VerifierSetup } from "../verifier-setup.ts";

export type SetupFacts = Pick<SetupCase, "id" | "name" | "forges" | "source" | "policy">;

/** A setup and the token to show to whatever is built from it. */
export interface Challenge {
  readonly setup: VerifierSetup;
  readonly token: string;
}

export function setupCase(
  facts: SetupFacts,
  algorithm: string,
  challenge: (profile: Profile) => Challenge,
): SetupCase {
  return {
    kind: "setup",
    algorithm,
    ...facts,
    play: async (build, profile) => {
      const { setup, token } = challenge(profile);
      return verdictOf(build, setup, (verify) => judge(verify, token));
    },
  };
}

/** Refusing to build counts as refusing. */
export async function verdictOf(
  build: BuildVerify,
  setup: VerifierSetup,
  ask: (verify: Verify) => Promise<{ accepted: boolean }>,
): Promise<Outcome | "unsupported"> {
  let verify: Verify | null;
  try {
    verify = await build(setup);
  } catch {
    return "reject";
  }
  if (verify === null) return "unsupported";
  return (await ask(verify)).accepted ? "accept" : "reject";
}

/** The setup with nothing but the forms of the key which the case is about. */
export function withKey(
  { setup }: AttackKeys,
  forms: Pick<VerifierSetup, "secret" | "publicPem" | "publicJwk" | "jwks">,
): VerifierSetup {
  const { secret: _secret, publicPem: _pem, publicJwk: _jwk, jwks: _jwks, ...rest } = setup;
  return { ...rest, ...forms };
}

export function jwkOf(keys: AttackKeys, more: JsonWebKey = {}): JsonWebKey {
  return { ...keys.setup.publicJwk, ...more };
}

/** A verifier with this secret, and a token signed with it. */
export function hmacChallenge(algorithm: string, secret: Buffer, profile: Profile): Challenge {
  const keys = makeKeys(algorithm, { ...profile, signingKey: createSecretKey(secret) });
  return { setup: withKey(keys, { secret }), token: forgeFrom(keys).honest };
}

/** A verifier with this key, and a token signed with it. */
export function keyChallenge(algorithm: string, signingKey: KeyObject, profile: Profile): Challenge {
  const keys = makeKeys(algorithm, { ...profile, signingKey });
  return { setup: keys.setup, token: forgeFrom(keys).honest };
}
