// HTTP Basic as OAuth clients send it: id and secret are form-encoded first (RFC 6749 §2.3.1, RFC 7617).

export interface ClientCredentials {
  readonly id: string;
  readonly secret: string;
}

/** RFC 6749 appendix A.1 and A.2. */
const visible = /^[\x20-\x7e]+$/;

/** Undefined for anything but one id and one secret in visible ASCII. */
export function basicCredentials(authorization: string | undefined): ClientCredentials | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]{1,2048}={0,2})$/i.exec(authorization ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("latin1");
  const colon = text.indexOf(":");
  const id = decode(text.slice(0, Math.max(colon, 0)));
  const secret = decode(text.slice(colon + 1));
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text.replaceAll("+", " "));
    return visible.test(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}
