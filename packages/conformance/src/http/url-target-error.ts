// Why a URL cannot be judged.

/**
 * `unguarded`: it answers 2xx without credentials. `token_refused`: the valid token gets no 2xx.
 * `token_died`: the valid token stopped working during the run. `rate_limited`: it kept answering 429.
 * `unreachable`: no HTTP answer. `keys_unusable`: the key set, or the secret, does not go with the token.
 * `not_a_token`: the token given is no signed JSON Web Token.
 */
export type UrlTargetErrorCode =
  | "unguarded"
  | "token_refused"
  | "token_died"
  | "rate_limited"
  | "unreachable"
  | "keys_unusable"
  | "not_a_token";

/** The target, or what was given for it, makes a judgement impossible. The message never contains the token. */
export class UrlTargetError extends Error {
  readonly code: UrlTargetErrorCode;

  constructor(code: UrlTargetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UrlTargetError";
    this.code = code;
  }
}
