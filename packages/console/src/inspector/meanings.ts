// What each line of a header or a payload means, in words.
import { dateTime, fromNow } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { isTime } from "../token/claims.ts";
import type { JsonObject } from "../token/parts.ts";

export function meaningOfParameter(name: string, value: unknown): string {
  const words = t.claims.header;
  if (name === "alg") return meaningOfAlgorithm(String(value));
  if (name === "typ") return words.typ(String(value));
  return wordFor(words, name) ?? words.unknown;
}

function meaningOfAlgorithm(alg: string): string {
  const words = t.claims.algorithms;
  const [, family, bits = ""] = /^(HS|RS|PS|ES)(256|384|512)$/.exec(alg) ?? [];
  if (family !== undefined) return words[family as "HS" | "RS" | "PS" | "ES"](bits);
  if (alg === "Ed25519" || alg === "EdDSA") return words.Ed;
  return alg.toLowerCase() === "none" ? words.none : words.unknown;
}

export function meaningOfClaim(name: string, value: unknown, nowSeconds: number): string {
  const { times, payload } = t.claims;
  if (name in times) {
    if (!isTime(value)) return t.claims.noTime;
    const say = times[name as keyof typeof times];
    return say(fromNow(value - nowSeconds), dateTime(value, nowSeconds), value <= nowSeconds);
  }
  return wordFor(payload, name) ?? t.claims.unknown;
}

function wordFor(words: object, name: string): string | undefined {
  const found = Object.hasOwn(words, name) ? (words as Readonly<Record<string, unknown>>)[name] : undefined;
  return typeof found === "string" ? found : undefined;
}

/** The members of an object as they stand in an editor's lines; a meaning for each. */
export function meaningsOf(
  part: "header" | "payload",
  object: JsonObject | undefined,
  nowSeconds: number,
): { readonly name: string; readonly says: string }[] {
  return Object.entries(object ?? {}).map(([name, value]) => ({
    name,
    says: part === "header" ? meaningOfParameter(name, value) : meaningOfClaim(name, value, nowSeconds),
  }));
}
