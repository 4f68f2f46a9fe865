// For which domain passkeys are made, and on which pages they work: whether that can be at all.

/** What WebAuthn calls the relying party. */
export interface PasskeySettings {
  readonly rpId: string;
  readonly origins: readonly string[];
}

/** A host's name as browsers take it for an RP id (WebAuthn §5.1.3): no address, no port, no scheme. */
export function problemOfRpId(text: string): string | undefined {
  return isDomain(text)
    ? undefined
    : 'must be a domain in lower case without scheme and port, such as example.com, or "localhost"';
}

/**
 * Without a word of whoever runs the server there are passkeys where browsers have them: on pages by https, and on
 * this machine under the name `localhost`. What was set and cannot work is said.
 */
export function passkeySettingsOf(values: Readonly<Record<string, unknown>>): {
  readonly settings: PasskeySettings | undefined;
  readonly problems: readonly string[];
} {
  const { issuer, allowedOrigins, passkeyRpId, passkeyOrigins } = values;
  const page = typeof issuer === "string" ? URL.parse(issuer) : null;
  // What is wrong with the issuer itself is said elsewhere.
  if (page === null) return { settings: undefined, problems: [] };
  const isSet = passkeyRpId !== undefined || passkeyOrigins !== undefined;
  const rpId = typeof passkeyRpId === "string" ? passkeyRpId : page.hostname;
  if (!isSet && (!isDomain(rpId) || !isSecure(page))) return { settings: undefined, problems: [] };
  const settings = {
    rpId,
    origins: Array.isArray(passkeyOrigins)
      ? (passkeyOrigins as string[])
      : [page.origin, ...fitting(allowedOrigins, rpId)],
  };
  return { settings, problems: problemsOf(settings, page) };
}

function problemsOf({ rpId, origins }: PasskeySettings, issuer: URL): string[] {
  if (!isDomain(rpId))
    return [
      `passkeyRpId is needed: the issuer's host, ${rpId}, is an address, and passkeys are made for domains`,
    ];
  if (origins.length === 0)
    return ["passkeyOrigins names no page: without passkeys, leave both options of passkeys out"];
  return origins.flatMap((origin) => {
    const page = URL.parse(origin);
    if (page === null || page.protocol === "android:") return [];
    const who = origin === issuer.origin ? `the issuer, ${origin},` : origin;
    if (!isAtOrBelow(page.hostname, rpId))
      return [
        `passkeyRpId does not fit: ${who} is not at ${rpId} or below it, so browsers refuse its passkeys there; ` +
          `set passkeyRpId to ${page.hostname} or a domain above it, or passkeyOrigins to the pages that are`,
      ];
    return isSecure(page)
      ? []
      : [`passkeyOrigins: ${who} is not https, so browsers have no passkeys there; use https, or localhost`];
  });
}

function fitting(origins: unknown, rpId: string): readonly string[] {
  if (!Array.isArray(origins)) return [];
  return (origins as string[]).filter((origin) => {
    const page = URL.parse(origin);
    return page !== null && isSecure(page) && isAtOrBelow(page.hostname, rpId);
  });
}

function isDomain(text: string): boolean {
  if (text.length > 253) return false;
  const labels = text.split(".");
  const isNamed = labels.every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/.test(label));
  // A last label of digits makes an address of it (WHATWG URL §3.5).
  return isNamed && !/^\d+$/.test(labels.at(-1) ?? "");
}

/** Nothing is below a top-level domain: browsers refuse those. */
function isAtOrBelow(host: string, domain: string): boolean {
  return host === domain || (domain.includes(".") && host.endsWith(`.${domain}`));
}

/** Where browsers offer passkeys: a secure context (WebAuthn §5). */
function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || hostname === "localhost" || hostname.endsWith(".localhost");
}
