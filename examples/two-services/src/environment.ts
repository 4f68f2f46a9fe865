// What a service is told from outside.

export interface ServiceEnvironment {
  /** The auth server's URL. */
  readonly issuer: string;
  readonly audience: string;
  readonly port: number;
  readonly maxStalenessSeconds: number;
}

export function readEnvironment(defaultPort: number): ServiceEnvironment {
  const { ISSUER, AUDIENCE, PORT, MAX_STALENESS_SECONDS } = process.env;
  return {
    issuer: ISSUER ?? "http://127.0.0.1:3001",
    audience: AUDIENCE ?? "two-services",
    port: Number(PORT ?? defaultPort),
    maxStalenessSeconds: Number(MAX_STALENESS_SECONDS ?? 30),
  };
}
