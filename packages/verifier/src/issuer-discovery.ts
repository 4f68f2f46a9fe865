// Finds the issuer's keys and revocation feed through its metadata (RFC 8414).
import { fetchDocument, IssuerError, requireSecureUrl } from "./issuer-documents.ts";
import type { Fetch } from "./issuer-documents.ts";

/** Limits of one request for metadata or keys. */
export const documentLimits: { readonly maxBytes: number; readonly timeoutMs: number } = {
  maxBytes: 64 * 1024,
  timeoutMs: 3000,
};

export interface IssuerMetadata {
  readonly jwksUri: string;
  readonly revocationFeed: string;
}

export interface IssuerDiscovery {
  /** Asks the issuer once and remembers the answer; many callers at a time share one request. */
  find(): Promise<IssuerMetadata>;
  /** Asks again next time, because what was found did not work. */
  forget(): void;
}

export interface IssuerDiscoveryOptions {
  readonly issuer: string;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  /** Where the keys are, if the metadata need not say so. */
  readonly jwksUri?: string | undefined;
  /** Where the feed is, if the metadata need not say so. */
  readonly revocationsUri?: string | undefined;
  /** What of the two is asked for at all. */
  readonly needs: { readonly keys: boolean; readonly revocations: boolean };
}

/**
 * Metadata are asked for only where they have something to say. With `jwksUri` alone the feed is at its usual place.
 *
 * @throws TypeError if one of the addresses is not a URL that may be trusted, or an issuer that is only a name is to be
 *   asked
 */
export function createIssuerDiscovery(options: IssuerDiscoveryOptions): IssuerDiscovery {
  const { issuer, fetch, signal, jwksUri, revocationsUri, needs } = options;
  const told = {
    jwksUri: jwksUri === undefined ? undefined : configuredUrl("jwksUri", jwksUri).href,
    revocationFeed:
      revocationsUri === undefined ? undefined : configuredUrl("revocationsUri", revocationsUri).href,
  };
  const conventionalFeed = `${issuer.replace(/\/$/, "")}/revocations`;
  const asksForKeys = needs.keys && told.jwksUri === undefined;
  const asksForFeed = needs.revocations && told.revocationFeed === undefined;
  if (!asksForKeys && (!asksForFeed || needs.keys)) {
    if (asksForFeed) issuerUrlOf(issuer, "revocationsUri");
    const metadata = { jwksUri: told.jwksUri ?? "", revocationFeed: told.revocationFeed ?? conventionalFeed };
    return { find: () => Promise.resolve(metadata), forget: () => undefined };
  }
  const issuerUrl = issuerUrlOf(issuer, asksForKeys ? "jwksUri" : "revocationsUri");

  async function ask(): Promise<IssuerMetadata> {
    const { content } = await fetchDocument({
      url: metadataUrl(issuerUrl),
      fetch,
      signal,
      ...documentLimits,
    });
    const metadata = content as Partial<Record<string, unknown>> | null;
    // RFC 8414 §3.3: identical, or nothing in the document may be used. This is what stops issuer mix-up.
    if (metadata?.["issuer"] !== issuer) {
      throw new IssuerError("wrong_issuer", "the metadata are those of another issuer");
    }
    return {
      jwksUri: told.jwksUri ?? namedUrl(issuerUrl, metadata["jwks_uri"]),
      revocationFeed:
        told.revocationFeed ?? namedUrl(issuerUrl, metadata["revocation_feed"] ?? conventionalFeed),
    };
  }

  let found: Promise<IssuerMetadata> | undefined;
  function forget(): void {
    found = undefined;
  }
  return {
    find() {
      if (found === undefined) {
        found = ask();
        found.catch(forget);
      }
      return found;
    },
    forget,
  };
}

/** RFC 8414 §3.1: the well-known path goes between the host and the issuer's own path. */
function metadataUrl(issuer: URL): string {
  const path = issuer.pathname === "/" ? "" : issuer.pathname.replace(/\/$/, "");
  return `${issuer.origin}/.well-known/oauth-authorization-server${path}`;
}

/** A URL that the issuer names must be as safe as the issuer itself: HTTPS never leads to HTTP or to loopback. */
function namedUrl(issuer: URL, value: unknown): string {
  if (typeof value !== "string") throw new IssuerError("invalid_document", "the metadata name no keys");
  const url = requireSecureUrl(value);
  if (issuer.protocol === "https:" && url.protocol !== "https:") {
    throw new IssuerError("insecure_url", "an https issuer names an http address");
  }
  return url.href;
}

/** @throws TypeError instead of IssuerError: it is the operator who is wrong */
function configuredUrl(name: string, value: string): URL {
  try {
    return requireSecureUrl(value);
  } catch (error) {
    throw new TypeError(`${name}: ${(error as IssuerError).message}`, { cause: error });
  }
}

/** RFC 8414 §2: an issuer has neither query nor fragment. `instead` names the option that spares it from being a URL. */
function issuerUrlOf(issuer: string, instead: string): URL {
  let url: URL;
  try {
    url = configuredUrl("issuer", issuer);
  } catch (error) {
    throw new TypeError(
      `${(error as TypeError).message}; or say ${instead}, and the issuer may be any name`,
      {
        cause: error,
      },
    );
  }
  if (url.search !== "" || url.hash !== "")
    throw new TypeError("issuer must have neither query nor fragment");
  return url;
}
