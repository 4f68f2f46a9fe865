/** The least that a guard for HS256 can do in Node: the signature and the payload, and nothing is judged. */
import crypto from "node:crypto";

const blockLength = 64;
const hashLength = 32;

/** Reads a token's claims if its signature holds; undefined otherwise. The secret has at most 64 bytes (RFC 2104). */
export function floorVerifier(secret: Buffer): (token: string) => unknown {
  const inner = Buffer.alloc(8192, 0x36);
  const outer = Buffer.alloc(blockLength + hashLength, 0x5c);
  for (const [index, byte] of secret.entries()) {
    inner[index] = 0x36 ^ byte;
    outer[index] = 0x5c ^ byte;
  }
  return (token) => {
    const end = token.lastIndexOf(".");
    inner.write(token, blockLength, "latin1");
    // As text, which is the quickest way out; the types do not know the encoding.
    const innerHash = crypto.hash("sha256", inner.subarray(0, blockLength + end), "latin1" as "binary");
    outer.write(innerHash, blockLength, "latin1");
    if (crypto.hash("sha256", outer, "base64url") !== token.slice(end + 1)) return undefined;
    const payload = Buffer.from(token.slice(token.indexOf(".") + 1, end), "base64url");
    return JSON.parse(payload.toString("latin1"));
  };
}
