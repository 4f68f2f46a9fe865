// The public keys that this server publishes. It is all that the inspector ever asks for.
import { apiBase } from "../shell/base.ts";
import { readKeys, type TrustedKey } from "../token/keys.ts";

export interface ServerKeys {
  readonly issuer: string;
  /** None while tokens are signed with a secret. */
  readonly keys: readonly TrustedKey[];
}

export async function fetchServerKeys(): Promise<ServerKeys | "unreachable"> {
  try {
    const [metadata, jwks] = await Promise.all([
      fetch(new URL(".well-known/oauth-authorization-server", apiBase)),
      fetch(new URL(".well-known/jwks.json", apiBase)),
    ]);
    if (!metadata.ok || !jwks.ok) return "unreachable";
    const { issuer } = (await metadata.json()) as { readonly issuer: string };
    const reading = await readKeys("jwks", await jwks.text());
    return { issuer, keys: "keys" in reading ? reading.keys : [] };
  } catch {
    return "unreachable";
  }
}
