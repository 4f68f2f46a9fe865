// What holds unless somebody says otherwise, and the most that anybody may say.

/**
 * The longest life of an access token: what a stolen one is worth where no revocation reaches. Keys
 * and revocations are kept at least this long, should another instance be set to more than this
 * one.
 */
export const maxAccessTokenTtlSeconds = 900;

const dayInSeconds = 86_400;

/** The longest that NIST SP 800-63B allows a person to stay logged in without proving anything. */
export const maxSessionSeconds: number = 30 * dayInSeconds;

export const defaultSessionLimits: {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
  readonly perUser: number;
} = {
  idleSeconds: 14 * dayInSeconds,
  absoluteSeconds: maxSessionSeconds,
  perUser: 100,
};

/** How many wrong passwords may come at once from one source, and for one address from unknown devices. */
export const defaultGuesses = { perSource: 100, perAccount: 10 } as const;
