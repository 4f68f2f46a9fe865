// The device token: by it a server knows a device again that somebody has logged in with before.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";

/** Which key and layout a token was made with; a later one reads both. */
const version = 1;
const saltLength = 16;
const idLength = 16;
const epochStart = 2 * idLength;
const timeStart = epochStart + 4;
const contentLength = timeStart + 6;
const tagLength = 16;
const sealedStart = 1 + saltLength;
const tagStart = sealedStart + contentLength;
const tokenBytes = tagStart + tagLength;
const tokenLength = (tokenBytes * 4) / 3;

/** In every derivation, so that no other use of the key can ever seal a device token. */
const domain = "countersign device token v1";

export interface DeviceToken {
  /** SHA-256 of the account's id, cut to 128 bits: of one length, whatever ids there are. */
  readonly account: string;
  /** 128 random bits in base64url. */
  readonly device: string;
  /** The token counts while this is the epoch of the account's devices. */
  readonly epoch: number;
  readonly issuedAtMs: number;
}

export interface DeviceTokens {
  issue(token: DeviceToken): string;
  /** Undefined for everything that this server did not write, however it differs. */
  read(text: string): DeviceToken | undefined;
}

/**
 * `base64url(version(1) ‖ salt(16) ‖ AES-256-GCM(account(16) ‖ device(16) ‖ epoch(uint32) ‖
 * issued at(uint48)) ‖ tag(16))`, 100 characters.
 *
 * Sealed, so that a finder learns neither whose it is nor how old. Each token has a key and a nonce
 * of its own, by HKDF-SHA256 (RFC 5869) from `key` and the random salt: one key with random nonces
 * would be good for 2^32 tokens (NIST SP 800-38D §8.3), which logins may reach.
 */
export function createDeviceTokens(
  key: KeyObject,
  randomBytes: RandomBytes = systemRandomBytes,
): DeviceTokens {
  if (key.type !== "secret" || key.symmetricKeySize !== 32)
    throw new TypeError("A key of device tokens is a secret of 32 bytes");

  function keysOf(salt: Uint8Array): { readonly key: KeyObject; readonly nonce: Buffer } {
    const bytes = Buffer.from(hkdfSync("sha256", key, salt, domain, 32 + 12));
    // Node finds out what a key of plain bytes is by exceptions that it catches, which cost more than the sealing.
    return { key: createSecretKey(bytes.subarray(0, 32)), nonce: bytes.subarray(32) };
  }

  return {
    issue({ account, device, epoch, issuedAtMs }) {
      const content = Buffer.alloc(contentLength);
      content.write(account, 0, idLength, "base64url");
      content.write(device, idLength, idLength, "base64url");
      content.writeUInt32BE(epoch, epochStart);
      content.writeUIntBE(issuedAtMs, timeStart, 6);
      const head = Buffer.concat([Buffer.of(version), randomBytes(saltLength)]);
      const own = keysOf(head.subarray(1));
      const cipher = createCipheriv("aes-256-gcm", own.key, own.nonce, { authTagLength: tagLength });
      cipher.setAAD(head);
      const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
      return Buffer.concat([head, sealed, cipher.getAuthTag()]).toString("base64url");
    },

    read(text) {
      if (text.length !== tokenLength) return undefined;
      const bytes = Buffer.from(text, "base64url");
      if (bytes.length !== tokenBytes || bytes[0] !== version) return undefined;
      const own = keysOf(bytes.subarray(1, sealedStart));
      const decipher = createDecipheriv("aes-256-gcm", own.key, own.nonce, { authTagLength: tagLength });
      decipher.setAAD(bytes.subarray(0, sealedStart));
      decipher.setAuthTag(bytes.subarray(tagStart));
      const content = decipher.update(bytes.subarray(sealedStart, tagStart));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      return {
        account: content.toString("base64url", 0, idLength),
        device: content.toString("base64url", idLength, epochStart),
        epoch: content.readUInt32BE(epochStart),
        issuedAtMs: content.readUIntBE(timeStart, 6),
      };
    },
  };
}

/** See `DeviceToken.account`. */
export function accountInToken(userId: string): string {
  return createHash("sha256").update(userId).digest().subarray(0, idLength).toString("base64url");
}
