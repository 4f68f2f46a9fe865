// The forger's bench: an honest token, what is known about its keys, and the means to write tokens byte by byte.
import type { JsonWebKey, KeyObject } from "node:crypto";
import { signAs } from "./signing.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** What goes into a segment: an object as JSON, a string as UTF-8, or bytes as they are. */
export type Content = JsonObject | string | Uint8Array;

/** A key that everybody may read, as an object and as it was published. */
export interface PublicKey {
  readonly object: KeyObject;
  readonly jwk: JsonWebKey;
}

export interface Forge {
  readonly algorithm: string;
  /** The honest token's header and claims. */
  readonly header: JsonObject;
  readonly claims: JsonObject;
  /** The same claims with the rights that an attacker would like to have. */
  readonly raised: JsonObject;
  readonly honest: string;
  /** The published keys: empty for HMAC, and for a URL whose keys are not known. */
  readonly publicKeys: readonly PublicKey[];
  /** Present when the kit may sign: then every case can be posed. */
  readonly signingKey: KeyObject | undefined;
  /** Honest signature over the bytes given. */
  sign(input: string | Uint8Array): Buffer;
  /** Honestly signed token over any content. */
  signed(header: Content, payload: Content): string;
  /** Honestly signed token over segments as they stand, well encoded or not. */
  signedSegments(header: string, payload: string): string;
}

export interface ForgeMaterial {
  readonly algorithm: string;
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly honest: string;
  readonly publicKeys: readonly PublicKey[];
  readonly signingKey: KeyObject | undefined;
}

export function createForge(material: ForgeMaterial): Forge {
  const { algorithm, signingKey } = material;
  const signature = (input: string | Uint8Array): Buffer => {
    if (signingKey === undefined) throw new TypeError("This forge has no signing key");
    return signAs(algorithm, signingKey, input);
  };
  const signedSegments = (header: string, payload: string): string =>
    `${header}.${payload}.${segment(signature(`${header}.${payload}`))}`;
  return {
    ...material,
    raised: raise(material.claims),
    sign: signature,
    signed: (header, payload) => signedSegments(segment(header), segment(payload)),
    signedSegments,
  };
}

/** Base64url without padding (RFC 7515 §2). */
export function segment(content: Content): string {
  if (content instanceof Uint8Array) return Buffer.from(content).toString("base64url");
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return Buffer.from(text, "utf8").toString("base64url");
}

/** A token with a signature of one's own; without one, the empty signature of `none` (RFC 7515 appendix A.5). */
export function compact(header: Content, payload: Content, signature: Uint8Array | string = ""): string {
  const last = typeof signature === "string" ? signature : segment(signature);
  return `${segment(header)}.${segment(payload)}.${last}`;
}

/** A token that an attacker signs with a key of their own. */
export function selfSigned(
  header: Content,
  payload: Content,
  signature: (input: string) => Uint8Array,
): string {
  const input = `${segment(header)}.${segment(payload)}`;
  return `${input}.${segment(signature(input))}`;
}

/** The three segments of the honest token. */
export function partsOf(token: string): readonly [header: string, payload: string, signature: string] {
  const [header = "", payload = "", signature = ""] = token.split(".");
  return [header, payload, signature];
}

/** The object without one member. */
export function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([member]) => member !== name));
}

/** JSON text with a raw member in front, where last-wins parsers overlook it. */
export function withFirst(object: JsonObject, member: string): string {
  return `{${member},${JSON.stringify(object).slice(1)}`;
}

/** JSON text with a raw member at the end, where last-wins parsers prefer it. */
export function withLast(object: JsonObject, member: string): string {
  return `${JSON.stringify(object).slice(0, -1)},${member}}`;
}

function raise(claims: JsonObject): JsonObject {
  return { ...claims, roles: ["admin"], role: "admin", scope: "admin", admin: true };
}
