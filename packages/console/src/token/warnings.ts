// What is dangerous about a token or its secret, whatever its signature says.
import { isTime } from "./claims.ts";
import type { JsonObject } from "./parts.ts";

export type Warning =
  | { readonly kind: "none" }
  | { readonly kind: "no_expiry" }
  | { readonly kind: "long_life"; readonly days: number }
  | { readonly kind: "personal"; readonly claim: string }
  | { readonly kind: "secret_short"; readonly bytes: number }
  | { readonly kind: "secret_repetitive" }
  | { readonly kind: "secret_published" }
  | { readonly kind: "secret_guessable" }
  | { readonly kind: "private_key" };

const daySeconds = 86_400;
/** RFC 7518 §3.2: a secret is at least as long as the hash. */
const minSecretBytes = 32;

/** What OpenID Connect Core §5.1 and habit put names, addresses and numbers of people into. */
const personalClaims =
  /^(email|e_?mail_?address|name|given_name|family_name|middle_name|nickname|preferred_username|username|phone|phone_number|address|birthdate|picture)$/i;
const emailAddress = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** The secrets that tutorials show: long enough to be taken for real ones, and known to everybody (RFC 8725 §3.5). */
const publishedSecrets: ReadonlySet<string> = new Set([
  "a-string-secret-at-least-256-bits-long",
  "a-valid-string-secret-that-is-at-least-384-bits-long-for-hs384",
  "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
  "your-256-bit-secret",
  "your-384-bit-secret",
  "your-512-bit-secret",
]);

export function warningsOf(
  header: JsonObject | undefined,
  payload: JsonObject | undefined,
  nowSeconds: number,
): Warning[] {
  const warnings: Warning[] = [];
  if (typeof header?.["alg"] === "string" && header["alg"].toLowerCase() === "none")
    warnings.push({ kind: "none" });
  if (payload === undefined) return warnings;
  const { exp, iat } = payload;
  if (exp === undefined) warnings.push({ kind: "no_expiry" });
  else if (isTime(exp)) {
    const lifeSeconds = exp - (isTime(iat) ? iat : nowSeconds);
    if (lifeSeconds > daySeconds)
      warnings.push({ kind: "long_life", days: Math.round(lifeSeconds / daySeconds) });
  }
  for (const [claim, value] of Object.entries(payload)) {
    const isPersonal = personalClaims.test(claim) || (typeof value === "string" && emailAddress.test(value));
    if (isPersonal) warnings.push({ kind: "personal", claim });
  }
  return warnings;
}

export function warningsOfSecret(secret: string): Warning[] {
  if (secret === "") return [];
  if (publishedSecrets.has(secret)) return [{ kind: "secret_published" }];
  const bytes = new TextEncoder().encode(secret).length;
  if (bytes < minSecretBytes) return [{ kind: "secret_short", bytes }];
  if (mostFrequentShare(secret) > 0.3 || new Set(secret).size < 8) return [{ kind: "secret_repetitive" }];
  if (/secret|password|changeme|example|(?:0123|1234|abcd|qwert)/i.test(secret))
    return [{ kind: "secret_guessable" }];
  return [];
}

function mostFrequentShare(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return Math.max(...counts.values()) / text.length;
}
