// The security headers of every answer.

/** For every answer; a route that serves a page may say otherwise. Over https, browsers are told to stay there for two years. */
export function securityHeaders(issuer: unknown): readonly (readonly [name: string, value: string])[] {
  const isSecure = typeof issuer === "string" && issuer.startsWith("https:");
  return [
    ["x-content-type-options", "nosniff"],
    [
      "content-security-policy",
      "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ],
    ["referrer-policy", "no-referrer"],
    ["cross-origin-resource-policy", "same-origin"],
    ...(isSecure ? [["strict-transport-security", "max-age=63072000; includeSubDomains"] as const] : []),
  ];
}
