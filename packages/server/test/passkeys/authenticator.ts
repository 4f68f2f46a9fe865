// A device that holds passkeys, in software: keys by WebCrypto, and the little CBOR that WebAuthn needs by hand.
import { createHash, webcrypto } from "node:crypto";
import type { PasskeyCreationOptions, PasskeyRequestOptions } from "@countersign/client";

/** What a device, or whoever stands between it and us, may do otherwise. */
export interface Behaviour {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly crossOrigin?: boolean;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly backupEligible?: boolean;
  readonly backedUp?: boolean;
  /** Of the counter, which otherwise counts on. */
  readonly counter?: number;
  readonly userHandle?: string | null;
  readonly format?: string;
  readonly isDiscoverable?: boolean;
  readonly tamper?: (signature: Buffer) => Buffer;
}

export interface Credential {
  readonly id: string;
  readonly userHandle: string;
  /** Answers options as a browser's `credential.toJSON()`. */
  answer(options: PasskeyRequestOptions, behaviour?: Behaviour): Promise<object>;
}

export interface Made {
  readonly response: object;
  readonly credential: Credential;
}

export interface Authenticator {
  make(options: PasskeyCreationOptions, behaviour?: Behaviour): Promise<Made>;
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const sha256 = (bytes: string | Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** A device whose pages are at `origin`. Without `counts` its counter stays 0, as that of a synced passkey does. */
export function newAuthenticator(origin: string, { counts = true } = {}): Authenticator {
  const clientData = (type: string, challenge: string, behaviour: Behaviour): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: behaviour.type ?? type,
        challenge: behaviour.challenge ?? challenge,
        origin: behaviour.origin ?? origin,
        crossOrigin: behaviour.crossOrigin ?? false,
      }),
    );

  /** WebAuthn §6.1. */
  function authData(rpId: string, counter: number, behaviour: Behaviour, attested = Buffer.alloc(0)): Buffer {
    const { userPresent = true, userVerified = true, backupEligible = true, backedUp = true } = behaviour;
    const flags =
      (userPresent ? 1 : 0) |
      (userVerified ? 4 : 0) |
      (backupEligible ? 8 : 0) |
      (backedUp && backupEligible ? 16 : 0) |
      (attested.length > 0 ? 64 : 0);
    const rest = Buffer.alloc(5);
    rest.writeUInt8(flags);
    rest.writeUInt32BE(behaviour.counter ?? counter, 1);
    return Buffer.concat([sha256(behaviour.rpId ?? rpId), rest, attested]);
  }

  return {
    async make(options, behaviour = {}) {
      const keys = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
        "sign",
        "verify",
      ]);
      const point = Buffer.from(await webcrypto.subtle.exportKey("raw", keys.publicKey));
      const id = webcrypto.getRandomValues(Buffer.alloc(16));
      let counter = counts ? 1 : 0;
      const cose = cborMap([
        [cborInt(1), cborInt(2)],
        [cborInt(3), cborInt(-7)],
        [cborInt(-1), cborInt(1)],
        [cborInt(-2), cborBytes(point.subarray(1, 33))],
        [cborInt(-3), cborBytes(point.subarray(33))],
      ]);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, cose]);
      const attestationObject = cborMap([
        [cborText("fmt"), cborText(behaviour.format ?? "none")],
        [cborText("attStmt"), cborMap([])],
        [cborText("authData"), cborBytes(authData(options.rp.id, counter, behaviour, attested))],
      ]);
      const userHandle = options.user.id;
      const credential: Credential = {
        id: base64url(id),
        userHandle,
        async answer(options, behaviour = {}) {
          if (counts) counter += 1;
          const client = clientData("webauthn.get", options.challenge, behaviour);
          const data = authData(options.rpId, counter, behaviour);
          const algorithm = { name: "ECDSA", hash: "SHA-256" };
          const signed = Buffer.concat([data, sha256(client)]);
          const raw = await webcrypto.subtle.sign(algorithm, keys.privateKey, signed);
          const { tamper = (signature) => signature, userHandle: handle = userHandle } = behaviour;
          return {
            id: base64url(id),
            rawId: base64url(id),
            type: "public-key",
            clientExtensionResults: {},
            response: {
              clientDataJSON: base64url(client),
              authenticatorData: base64url(data),
              signature: base64url(tamper(derOf(Buffer.from(raw)))),
              ...(handle !== null && { userHandle: handle }),
            },
          };
        },
      };
      return {
        credential,
        response: {
          id: base64url(id),
          rawId: base64url(id),
          type: "public-key",
          clientExtensionResults: { credProps: { rk: behaviour.isDiscoverable ?? true } },
          response: {
            clientDataJSON: base64url(clientData("webauthn.create", options.challenge, behaviour)),
            attestationObject: base64url(attestationObject),
            transports: ["internal"],
          },
        },
      };
    },
  };
}

/** Two integers as ASN.1 has them, of the two halves that WebCrypto gives. */
function derOf(raw: Buffer): Buffer {
  const integer = (half: Buffer): Buffer => {
    const from = half.findIndex((byte) => byte !== 0);
    const trimmed = half.subarray(Math.max(from, 0));
    const positive = (trimmed[0] ?? 0) > 127 ? Buffer.concat([Buffer.alloc(1), trimmed]) : trimmed;
    return Buffer.concat([Buffer.from([2, positive.length]), positive]);
  };
  const both = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, both.length]), both]);
}

/** RFC 8949 §3: the type in three bits, then the value or its length. */
function cborHead(type: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(type << 5) | value]);
  if (value < 256) return Buffer.from([(type << 5) | 24, value]);
  return Buffer.from([(type << 5) | 25, value >> 8, value & 255]);
}

const cborInt = (value: number): Buffer => (value < 0 ? cborHead(1, -1 - value) : cborHead(0, value));
const cborBytes = (bytes: Uint8Array): Buffer => Buffer.concat([cborHead(2, bytes.length), bytes]);
const cborText = (text: string): Buffer => Buffer.concat([cborHead(3, text.length), Buffer.from(text)]);
const cborMap = (entries: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  Buffer.concat([cborHead(5, entries.length), ...entries.flat()]);
