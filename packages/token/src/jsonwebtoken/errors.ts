/** The error classes of jsonwebtoken 9, with its names, messages and fields. */

/** A token was refused, or a call made no sense; `message` says why. It never holds the token, a secret or a key. */
export class JsonWebTokenError extends Error {
  /** What caused it, where something did: most often the engine's `TokenError`. */
  declare readonly inner?: Error;

  constructor(message: string, inner?: Error) {
    super();
    // Assigned, as there, so that JSON.stringify shows both.
    this.name = "JsonWebTokenError";
    this.message = message;
    if (inner !== undefined) this.inner = inner;
  }
}

/** The token has expired, by its `exp` or by `maxAge`. */
export class TokenExpiredError extends JsonWebTokenError {
  readonly expiredAt: Date;

  constructor(message: string, expiredAt: Date) {
    super(message);
    this.name = "TokenExpiredError";
    this.expiredAt = expiredAt;
  }
}

/** The token is not valid yet, by its `nbf`. */
export class NotBeforeError extends JsonWebTokenError {
  readonly date: Date;

  constructor(message: string, date: Date) {
    super(message);
    this.name = "NotBeforeError";
    this.date = date;
  }
}
