// HTTP Basic (RFC 7617), plain, and as OAuth clients send it: id and secret are form-encoded first (RFC 6749 §2.3.1).
import { decodeFormText } from "./form-encoding.ts";

export interface ClientCredentials {
  readonly id: string;
  readonly secret: string;
}

/** RFC 6749 appendix A.1 and A.2. */
const visible = /^[\x20-\x7e]+$/;

/** Undefined for anything but one id and one secret in visible ASCII. */
export function basicCredentials(authorization: string | undefined): ClientCredentials | undefined {
  const plain = plainBasicCredentials(authorization);
  if (plain === undefined) return undefined;
  const id = decode(plain.id);
  const secret = decode(plain.secret);
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** The same where nothing is encoded (RFC 7617 §2). */
export function plainBasicCredentials(authorization: string | undefined): ClientCredentials | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]{1,2048}={0,2})$/i.exec(authorization ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("latin1");
  const colon = text.indexOf(":");
  return { id: text.slice(0, Math.max(colon, 0)), secret: text.slice(colon + 1) };
}

function decode(text: string): string | undefined {
  const decoded = decodeFormText(text);
  return decoded !== undefined && visible.test(decoded) ? decoded : undefined;
}
