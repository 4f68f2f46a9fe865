// GET /.well-known/…: what this issuer offers (RFC 8414) and its public keys (RFC 7517).
import type { FastifyPluginAsync } from "fastify";
import Type from "typebox";
import { sendPublicDocument } from "../http/cached-document.ts";
import type { Operation } from "../http/operation.ts";

interface Issuer {
  readonly issuer: string;
  /** Where clients reach the routes. */
  readonly baseUrl: string;
}

/** Registered at the root of the app: a well-known path has one place in a host, whatever the prefix of the routes. */
export interface DiscoveryRoutesOptions extends Issuer {
  /** What stands before the paths of all other routes. */
  readonly routePrefix: string;
  /** The public keys under which tokens may verify; none while tokens are signed with a secret. */
  readonly jwks: () => { readonly keys: readonly object[] };
  readonly jwksMaxAgeSeconds: () => number;
}

/** Nothing in it changes while the server runs. */
const metadataMaxAgeSeconds = 300;

const metadataReply = Type.Object({
  issuer: Type.String(),
  token_endpoint: Type.String(),
  revocation_endpoint: Type.String(),
  introspection_endpoint: Type.String(),
  jwks_uri: Type.String(),
  revocation_feed: Type.String(),
});

const metadataPath = "/.well-known/oauth-authorization-server";

export const discoveryRoutes: FastifyPluginAsync<DiscoveryRoutesOptions> = async (app, options) => {
  const { issuer, baseUrl, routePrefix, jwks, jwksMaxAgeSeconds } = options;
  const metadata = metadataOf({ issuer, baseUrl });
  const issuerPath = new URL(issuer).pathname.replace(/\/$/, "");
  // RFC 8414 §3.1: an issuer's path comes after the well-known one. Without it, it is there for proxies that cut that
  // path off, and below the prefix for pages that know the server by its base URL alone.
  const paths = new Set([metadataPath, metadataPath + issuerPath, routePrefix + metadataPath]);
  for (const [index, path] of [...paths].entries()) {
    const operation: Operation = {
      id: ["showMetadata", "showMetadataOfPath", "showMetadataOfPrefix"][index] ?? "",
      tag: "Verifiers",
      summary: "Show what this issuer offers, and where (RFC 8414)",
      answers: {
        200: { description: "The metadata", schema: metadataReply },
        304: { description: "Nothing has changed since" },
      },
    };
    app.get(path, { config: { operation } }, async (request, reply) =>
      sendPublicDocument(request, reply, metadata, metadataMaxAgeSeconds),
    );
  }
  const keysOperation: Operation = {
    id: "showKeys",
    tag: "Verifiers",
    summary: "Show the public keys (RFC 7517); none while tokens are signed with a secret",
    answers: {
      200: { description: "The keys", schema: Type.Object({ keys: Type.Array(Type.Object({})) }) },
      304: { description: "Nothing has changed since" },
    },
  };
  app.get(
    `${routePrefix}/.well-known/jwks.json`,
    { config: { operation: keysOperation } },
    async (request, reply) => sendPublicDocument(request, reply, jwks(), jwksMaxAgeSeconds()),
  );
};

/** RFC 8414 §2. There is no authorization endpoint; readers of the metadata refuse an empty list of response types,
 * so it names the one that gives nothing. `revocation_feed` is our own member. */
function metadataOf({ issuer, baseUrl: base }: Issuer): object {
  return {
    issuer,
    token_endpoint: `${base}/token`,
    revocation_endpoint: `${base}/revoke`,
    introspection_endpoint: `${base}/introspect`,
    jwks_uri: `${base}/.well-known/jwks.json`,
    response_types_supported: ["none"],
    grant_types_supported: ["refresh_token"],
    token_endpoint_auth_methods_supported: ["none"],
    revocation_endpoint_auth_methods_supported: ["none"],
    introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    revocation_feed: `${base}/revocations`,
  };
}
