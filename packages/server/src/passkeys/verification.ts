// What a browser says a passkey answered, judged by @simplewebauthn/server: whatever is wrong with it, it is none.
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import type { PasskeySettings } from "../settings/passkeys.ts";
import { loadWebauthn, type Webauthn } from "./webauthn.ts";

/** EdDSA, ES256 and RS256, in the order in which we like them (RFC 9053, RFC 8812). */
export const passkeyAlgorithms: readonly number[] = [-8, -7, -257];

/** The answer of somebody who means to use a passkey, before anything of it is believed. */
export interface ReadAnswer {
  /** The credential's id, base64url. */
  readonly id: string;
  readonly challenge: string;
  /** Whose passkey it says it is. */
  readonly userHandle: string | undefined;
}

/** What a new passkey is. */
export interface NewPasskey {
  readonly id: string;
  /** COSE. */
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
}

/** What a known passkey has shown. */
export interface ShownPasskey {
  readonly counter: number;
  readonly userVerified: boolean;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
}

/** WebAuthn §4: a credential's id has 1,023 bytes at most. */
const maxIdLength = Math.ceil((1023 * 4) / 3);
const idForm = /^[\w-]+$/;

/** Undefined for what cannot be an answer. A page in a foreign frame has none (WebAuthn §7.2, `crossOrigin`). */
export function readAnswer(response: object): ReadAnswer | undefined {
  try {
    const id = textOf(response, "id");
    const answer = memberOf(response, "response");
    const data = Buffer.from(textOf(answer, "clientDataJSON") ?? "", "base64url").toString("utf8");
    const clientData: unknown = JSON.parse(data);
    const challenge = textOf(clientData, "challenge");
    if (id === undefined || id.length > maxIdLength || !idForm.test(id)) return undefined;
    if (challenge === undefined || Boolean(memberOf(clientData, "crossOrigin"))) return undefined;
    return { id, challenge, userHandle: textOf(answer, "userHandle") };
  } catch {
    return undefined;
  }
}

/**
 * WebAuthn §7.1, without attestation: nothing that a device says of its maker is asked for or believed. One that
 * comes all the same is refused, as to follow its certificates would send requests wherever a stranger likes.
 */
export async function verifyNewPasskey(
  response: object,
  challenge: string,
  { rpId, origins }: PasskeySettings,
): Promise<NewPasskey | undefined> {
  try {
    const answer = response as RegistrationResponseJSON;
    const webauthn = await loadWebauthn();
    if (isAttested(answer, webauthn) || isKnownAsNotDiscoverable(response)) return undefined;
    const { verified, registrationInfo } = await webauthn.verifyRegistrationResponse({
      response: answer,
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...passkeyAlgorithms],
    });
    if (!verified) return undefined;
    const { credential, credentialDeviceType, credentialBackedUp } = registrationInfo;
    if (credential.id.length > maxIdLength || credential.id.length === 0) return undefined;
    return {
      id: credential.id,
      publicKey: credential.publicKey,
      counter: credential.counter,
      transports: transportsOf(credential.transports),
      backupEligible: credentialDeviceType === "multiDevice",
      backedUp: credentialBackedUp,
    };
  } catch {
    return undefined;
  }
}

/** WebAuthn §7.2, but for the counter, which the store judges: of many at once, one has it. */
export async function verifyShownPasskey(
  response: object,
  challenge: string,
  passkey: { readonly id: string; readonly publicKey: Uint8Array },
  { rpId, origins, needsUser }: PasskeySettings & { readonly needsUser: boolean },
): Promise<ShownPasskey | undefined> {
  try {
    const { verifyAuthenticationResponse } = await loadWebauthn();
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      credential: { id: passkey.id, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
      requireUserVerification: needsUser,
    });
    if (!verified) return undefined;
    return {
      counter: info.newCounter,
      userVerified: info.userVerified,
      backupEligible: info.credentialDeviceType === "multiDevice",
      backedUp: info.credentialBackedUp,
    };
  } catch {
    return undefined;
  }
}

function isAttested(
  answer: RegistrationResponseJSON,
  { decodeAttestationObject, isoBase64URL }: Webauthn,
): boolean {
  const object = decodeAttestationObject(isoBase64URL.toBuffer(answer.response.attestationObject));
  const format = object.get("fmt");
  const isBySelf = format === "packed" && object.get("attStmt").get("x5c") === undefined;
  return format !== "none" && !isBySelf;
}

/** Where the browser says that no login could find it. */
function isKnownAsNotDiscoverable(response: object): boolean {
  const properties = memberOf(memberOf(response, "clientExtensionResults"), "credProps");
  return memberOf(properties, "rk") === false;
}

/** How the browser says that it reaches the device; hints, of closed form. */
function transportsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  const known = value.filter((text) => typeof text === "string" && /^[a-z-]{1,32}$/.test(text));
  return known.slice(0, 8) as string[];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function textOf(value: unknown, name: string): string | undefined {
  const text = memberOf(value, name);
  return typeof text === "string" ? text : undefined;
}
