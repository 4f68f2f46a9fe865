// What access tokens can be signed with.

/** HS256 is for one process: whoever can check its tokens can also forge them. */
export const signingAlgorithms = ["HS256", "ES256", "Ed25519"] as const;

export type SigningAlgorithm = (typeof signingAlgorithms)[number];
