// What access tokens can be signed with.

/**
 * HS256 is for one process: whoever can check its tokens can also forge them. RS256 is for verifiers
 * that know nothing newer (RFC 9068 §2.1 has every issuer and verifier support it); it is never the
 * default, as its signatures cost most to make.
 */
export const signingAlgorithms = ["HS256", "ES256", "Ed25519", "RS256"] as const;

export type SigningAlgorithm = (typeof signingAlgorithms)[number];
