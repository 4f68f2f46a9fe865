// Where clients reach the routes, as the issuer and the prefix of the plugin say.

/** Segments that no proxy and no client rewrites; a parameter in a prefix would hide which paths there are. */
const prefixForm = /^(?:\/[\w.~-]+)*$/;

/** What is wrong with a prefix, or undefined. */
export function problemOfPrefix(prefix: string): string | undefined {
  return prefixForm.test(prefix) ? undefined : "must begin with a slash and end without one, such as /auth";
}

/**
 * The URL below which the routes stand, without a slash at its end. An issuer whose path ends with the prefix
 * (`https://example.com/auth`, registered at `/auth`) names it already. Another one (`https://example.com`) names the
 * app around it; and a path that a proxy cuts off before the app sees it comes first.
 *
 * @returns "" for a malformed issuer or prefix; both are refused when all options are read
 */
export function baseUrlOf(issuer: unknown, prefix: unknown = ""): string {
  if (typeof issuer !== "string" || !URL.canParse(issuer) || typeof prefix !== "string") return "";
  const base = issuer.replace(/\/$/, "");
  return new URL(base).pathname.endsWith(prefix) ? base : base + prefix;
}

/** The URL of the app around the routes: the base URL without the prefix. */
export function rootUrlOf(baseUrl: string, prefix: string): string {
  return baseUrl.slice(0, baseUrl.length - prefix.length);
}
