// The honest token with other bytes where its signature was.
import { partsOf, segment } from "../forge.ts";
import type { Forge } from "../forge.ts";

export function signatureOf(forge: Forge): Buffer {
  return Buffer.from(partsOf(forge.honest)[2], "base64url");
}

export function resigned(forge: Forge, change: (signature: Buffer) => Uint8Array): string {
  const [header, payload] = partsOf(forge.honest);
  return `${header}.${payload}.${segment(change(signatureOf(forge)))}`;
}
