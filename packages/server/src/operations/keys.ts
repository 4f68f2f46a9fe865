// The operator's hand on the signing keys.
import type { Jwk } from "@countersign/token";
import Type from "typebox";
import { schemaOf, strict } from "../http/schema.ts";
import { isoTime } from "../iso-time.ts";
import { createSigningKeyChanges, type SigningKeyChanges } from "../keys/changes.ts";
import { createSealedKeys } from "../keys/sealed-keys.ts";
import { createSigningKeyStore } from "../keys/store.ts";
import type { StoredKey } from "../keys/stored-key.ts";
import type { SigningAlgorithm } from "../settings/signing-algorithms.ts";
import { type Installation, type Operation, operator } from "./operation.ts";

/** Without what is sealed in it; times are texts of RFC 3339. */
export interface KeyView {
  readonly kid: string;
  readonly algorithm: string;
  readonly state: StoredKey["state"];
  readonly created_at: string;
  readonly promote_at: string;
  readonly activated_at: string | null;
  readonly keep_until: string | null;
  readonly retired_at: string | null;
  readonly revoked_at: string | null;
}

const kid = Type.String({ maxLength: 256 });

export const listKeys: Operation<Record<never, never>, KeyView[]> = {
  name: "keys-list",
  input: Type.Object({}, strict),
  run: async (installation) => (await (await changesOf(installation)).list()).map(viewOf),
};

export const rotateKey: Operation<
  { readonly immediately: boolean; readonly algorithm: SigningAlgorithm | null },
  KeyView
> = {
  name: "keys-rotate",
  input: schemaOf<{ immediately: boolean; algorithm: SigningAlgorithm | null }>()(
    Type.Object(
      {
        immediately: Type.Boolean(),
        algorithm: Type.Union([
          Type.Literal("HS256"),
          Type.Literal("ES256"),
          Type.Literal("Ed25519"),
          Type.Literal("RS256"),
          Type.Null(),
        ]),
      },
      strict,
    ),
  ),
  async run(installation, { immediately, algorithm }) {
    const changes = await changesOf(installation);
    return viewOf(await changes.rotate({ immediately, algorithm: algorithm ?? undefined, origin: operator }));
  },
};

export const revokeKey: Operation<{ readonly kid: string }, { kid: string; revoked: true }> = {
  name: "keys-revoke",
  input: schemaOf<{ kid: string }>()(Type.Object({ kid }, strict)),
  async run(installation, input) {
    await (await changesOf(installation)).revoke(input.kid, operator);
    return { kid: input.kid, revoked: true };
  },
};

export const exportKey: Operation<{ readonly kid: string; readonly unsafe_print_secret: boolean }, Jwk> = {
  name: "keys-export",
  input: schemaOf<{ kid: string; unsafe_print_secret: boolean }>()(
    Type.Object({ kid, unsafe_print_secret: Type.Boolean() }, strict),
  ),
  async run(installation, { kid, unsafe_print_secret: unsafePrintSecret }) {
    return (await changesOf(installation)).exportJwk(kid, { unsafePrintSecret, origin: operator });
  },
};

async function changesOf(installation: Installation): Promise<SigningKeyChanges> {
  const sealedKeys = createSealedKeys(await installation.masterKey());
  return createSigningKeyChanges({ store: createSigningKeyStore(installation.database), sealedKeys });
}

function viewOf(key: StoredKey): KeyView {
  return {
    kid: key.kid,
    algorithm: key.algorithm,
    state: key.state,
    created_at: isoTime(key.createdAtMs),
    promote_at: isoTime(key.promoteAtMs),
    activated_at: time(key.activatedAtMs),
    keep_until: time(key.keepUntilMs),
    retired_at: time(key.retiredAtMs),
    revoked_at: time(key.revokedAtMs),
  };
}

function time(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : isoTime(milliseconds);
}
