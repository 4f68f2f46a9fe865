// The refresh token: a session id and a generation that only this server can have written together.
import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/** Which key and layout a token was made with; a later one reads both. */
const keyVersion = 1;
const sidLength = 16;
const macLength = 32;
const macStart = 1 + sidLength + 4;
const tokenBytes = macStart + macLength;
const tokenLength = Math.ceil((tokenBytes * 8) / 6);
const maxGeneration = 0xffff_ffff;

/** In every MAC input, so that no other use of HMAC-SHA256 can ever produce a refresh token. */
const domain = Buffer.from("countersign refresh token v1\0");

export interface RefreshToken {
  /** The session: base64url of 16 bytes. */
  readonly sid: string;
  /** 0 to 2^32 - 1; what the generation means is decided by the session's row. */
  readonly generation: number;
}

export interface RefreshTokens {
  issue(token: RefreshToken): string;
  /**
   * `null` for everything that this server did not write, however it differs: nothing is looked up.
   */
  read(text: string): RefreshToken | null;
}

/**
 * `base64url(key version(1) ‖ sid(16) ‖ generation(uint32, big endian) ‖ HMAC-SHA256(32))`, 71
 * characters.
 *
 * The server stores no token. `key` is derived for this purpose alone and kept from the database,
 * so a copy of the database writes no token, and a guessed or forged one is told from a real one
 * before any session is touched.
 */
export function createRefreshTokens(key: KeyObject): RefreshTokens {
  if (key.type !== "secret" || key.symmetricKeySize !== 32) {
    throw new TypeError("The key of refresh tokens is a secret of 32 bytes");
  }
  const mac = (body: Uint8Array): Buffer => createHmac("sha256", key).update(domain).update(body).digest();

  return {
    issue({ sid, generation }) {
      if (!Number.isInteger(generation) || generation < 0 || generation > maxGeneration) {
        throw new TypeError("A generation is an integer from 0 to 2^32 - 1");
      }
      const sidBytes = Buffer.from(sid, "base64url");
      if (sidBytes.length !== sidLength || sidBytes.toString("base64url") !== sid) {
        throw new TypeError("A session id is 16 bytes in base64url");
      }
      const bytes = Buffer.alloc(tokenBytes);
      bytes[0] = keyVersion;
      sidBytes.copy(bytes, 1);
      bytes.writeUInt32BE(generation, 1 + sidLength);
      mac(bytes.subarray(0, macStart)).copy(bytes, macStart);
      return bytes.toString("base64url");
    },

    read(text) {
      if (typeof text !== "string" || text.length !== tokenLength) return null;
      const bytes = Buffer.from(text, "base64url");
      // Node's decoder forgives foreign characters and set trailing bits; one token must have one
      // spelling.
      if (bytes.length !== tokenBytes || bytes.toString("base64url") !== text) return null;
      if (bytes[0] !== keyVersion) return null;
      if (!timingSafeEqual(mac(bytes.subarray(0, macStart)), bytes.subarray(macStart))) return null;
      return {
        sid: bytes.toString("base64url", 1, 1 + sidLength),
        generation: bytes.readUInt32BE(1 + sidLength),
      };
    },
  };
}
