// What the API is told, and what it gives back.

export interface ApiOptions {
  /** The auth server's URL: whom to trust. */
  readonly issuer: string;
  /** What the tokens are for: the name of this API, as the auth server says it. */
  readonly audience: string;
  readonly port: number;
}

export interface Api {
  readonly url: string;
  readonly close: () => Promise<void>;
}
