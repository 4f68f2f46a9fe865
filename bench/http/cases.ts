/**
 * What is compared: each case is a server process and the tokens that it is sent.
 *
 * A bare server is sent the same headers and ignores them: what Node pays to read a header is not the guard's doing.
 * The floor is what no guard of this kind can go below that runs once in each request: the two hash calls of an HMAC
 * and `JSON.parse`, nothing judged. Ours can, as it judges requests that arrive together in a row; what that is worth by
 * itself shows where it lets everybody in.
 */

export type TokenKind =
  /** A few hundred tokens over and over, as people who click around send them. */
  | "recurring HS256"
  /** Tokens that the server has never seen. */
  | "fresh HS256"
  | "fresh ES256"
  /** The one session token that the server gave out itself. */
  | "of the server";

export interface HttpCase {
  readonly name: string;
  /** A file in `servers/`, and what it is to be. */
  readonly server: string;
  readonly variant: string;
  readonly tokens: TokenKind;
  /** The case that `kept` divides by. */
  readonly bare: string;
}

function fastify(name: string, variant: string, tokens: TokenKind): HttpCase {
  return { name: `fastify ${name}`, server: "fastify.ts", variant, tokens, bare: "fastify bare" };
}

function express(name: string, variant: string, tokens: TokenKind): HttpCase {
  return { name: `express ${name}`, server: "express.ts", variant, tokens, bare: "express bare" };
}

export const cases: readonly HttpCase[] = [
  fastify("bare", "bare", "recurring HS256"),
  fastify("countersign remembered", "countersign", "recurring HS256"),
  fastify("countersign fresh HS256", "countersign", "fresh HS256"),
  fastify("countersign fresh ES256", "countersign ES256", "fresh ES256"),
  fastify("countersign, nobody judged", "nobody judged", "recurring HS256"),
  fastify("floor HS256", "floor", "fresh HS256"),
  fastify("@fastify/jwt", "@fastify/jwt", "fresh HS256"),
  express("bare", "bare", "recurring HS256"),
  express("countersign remembered", "countersign", "recurring HS256"),
  express("countersign fresh HS256", "countersign", "fresh HS256"),
  express("passport-jwt", "passport-jwt", "fresh HS256"),
  express("express-jwt", "express-jwt", "fresh HS256"),
  {
    name: "node:http bare",
    server: "better-auth.ts",
    variant: "bare",
    tokens: "of the server",
    bare: "node:http bare",
  },
  {
    name: "better-auth getSession",
    server: "better-auth.ts",
    variant: "getSession",
    tokens: "of the server",
    bare: "node:http bare",
  },
  {
    name: "fastapi bare",
    server: "fastapi_posts.py",
    variant: "bare",
    tokens: "recurring HS256",
    bare: "fastapi bare",
  },
  {
    name: "fastapi python-jose",
    server: "fastapi_posts.py",
    variant: "jose",
    tokens: "fresh HS256",
    bare: "fastapi bare",
  },
];
