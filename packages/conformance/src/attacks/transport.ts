// Family "transport": how a credential is carried, and what must not pass for one. Only against a URL.
import { acceptedBy, refusedBy } from "../attack-case.ts";
import type { Placed, ProbeRequest, RequestCase } from "../attack-case.ts";
import { compact } from "../forge.ts";
import type { Forge } from "../forge.ts";

type Facts = Pick<RequestCase, "id" | "name" | "forges" | "source" | "policy">;

function request(facts: Facts, build: (forge: Forge) => ProbeRequest): RequestCase {
  return { kind: "request", ...facts, request: build };
}

/** Requests with these header fields. */
function fields(facts: Facts, build: (forge: Forge) => readonly (readonly [string, string])[]): RequestCase {
  return request(facts, (forge) => ({ headers: build(forge) }));
}

/** What everybody can make: raised claims, and no signature. */
function forged(forge: Forge): string {
  return compact({ ...forge.header, alg: "none" }, forge.raised);
}

const anyone = "any identity, with nothing at hand";

/** Names by which proxies and frameworks tell each other who is calling. */
const IDENTITY_FIELDS: readonly (readonly [name: string, value: string])[] = [
  ["X-User-Id", "1"],
  ["X-User", "admin"],
  ["X-Forwarded-User", "admin"],
  ["X-Remote-User", "admin"],
  ["X-Authenticated-User", "admin"],
  ["X-Auth-Request-User", "admin"],
  ["X-Roles", "admin"],
  ["X-Jwt-Payload", "eyJzdWIiOiJhZG1pbiJ9"],
  ["X-Middleware-Subrequest", "middleware:middleware:middleware:middleware:middleware"],
  ["X-Forwarded-For", "127.0.0.1"],
  ["X-Original-Url", "/"],
  ["X-Http-Method-Override", "OPTIONS"],
];

const nothing: readonly RequestCase[] = [
  fields({ id: "E13", name: "no credentials", forges: anyone, source: "RFC 6750 §3" }, () => []),
  request({ id: "E13", name: "no credentials, HEAD", forges: anyone, source: "RFC 9110 §9.3.2" }, () => ({
    method: "HEAD",
    headers: [],
  })),
  ...IDENTITY_FIELDS.map(([name, value]) =>
    fields(
      { id: "E13", name: `no credentials, ${name}`, forges: anyone, source: "CVE-2025-29927, CWE-290" },
      () => [[name, value]],
    ),
  ),
];

/** Values of the Authorization field around a forged token, or around none. */
const MALFORMED: readonly (readonly [name: string, value: (token: string) => string])[] = [
  ["the scheme alone", () => "Bearer"],
  ["the scheme and two spaces", () => "Bearer  "],
  ["two spaces before a forged token", (token) => `Bearer  ${token}`],
  ["a tab before a forged token", (token) => `Bearer\t${token}`],
  ["no space before a forged token", (token) => `Bearer${token}`],
  ["the scheme twice before a forged token", (token) => `Bearer Bearer ${token}`],
  ["a forged token without a scheme", (token) => token],
  ["a forged token under the scheme Token", (token) => `Token ${token}`],
  ["a forged token under the scheme JWT", (token) => `JWT ${token}`],
  ["a forged token under the scheme None", (token) => `None ${token}`],
  ["a forged token as a parameter", (token) => `Bearer token="${token}"`],
  ["a Basic credential for admin", () => `Basic ${Buffer.from("admin:admin").toString("base64")}`],
  [
    "a Basic credential with a forged token",
    (token) => `Basic ${Buffer.from(`admin:${token}`).toString("base64")}`,
  ],
  ["a Digest credential", () => 'Digest username="admin", realm="", nonce="", uri="/", response=""'],
  ["the word undefined", () => "Bearer undefined"],
  ["the word null", () => "Bearer null"],
  ["a lone percent sign", () => "Bearer %"],
  ["bytes that are not ASCII", () => "Bearer \u00ff\u00fe"],
  ["64 KiB of letters", () => `Bearer ${"A".repeat(65_536)}`],
];

const malformed: readonly RequestCase[] = MALFORMED.map(([name, value]) =>
  fields(
    { id: "E13", name: `Authorization is ${name}`, forges: anyone, source: "RFC 6750 §2.1, RFC 9110 §11.4" },
    (forge) => [["Authorization", value(forged(forge))]],
  ),
);

const two: readonly RequestCase[] = [
  ...(
    [
      ["a forged and an honest token with a comma", (bad, good) => `Bearer ${bad}, Bearer ${good}`],
      ["an honest and a forged token with a comma", (bad, good) => `Bearer ${good}, Bearer ${bad}`],
      ["a forged and an honest token with a space", (bad, good) => `Bearer ${bad} ${good}`],
      ["an honest and a forged token with a space", (bad, good) => `Bearer ${good} ${bad}`],
    ] satisfies readonly (readonly [string, (bad: string, good: string) => string])[]
  ).map(([name, value]) =>
    fields(
      {
        id: "E13",
        name: `Authorization is ${name}`,
        forges: "a request that is one caller to the proxy and another to the service",
        source: "RFC 9110 §11.6.2 (one credential)",
      },
      (forge) => [["Authorization", value(forged(forge), forge.honest)]],
    ),
  ),
  ...(
    [
      ["a forged, then an honest one", (bad, good) => [bad, good]],
      ["an honest, then a forged one", (bad, good) => [good, bad]],
    ] satisfies readonly (readonly [string, (bad: string, good: string) => string[]])[]
  ).map(([name, tokens]) =>
    fields(
      {
        id: "E13",
        name: `two Authorization fields: ${name}`,
        forges: "a request that is one caller to the proxy and another to the service",
        source: "RFC 9110 §5.3 (not a list field)",
        policy: "a request has one credential",
      },
      (forge) =>
        tokens(forged(forge), forge.honest).map((token) => ["Authorization", `Bearer ${token}`] as const),
    ),
  ),
];

const elsewhere: readonly RequestCase[] = [
  ...["access_token", "token", "jwt"].flatMap((name) => [
    request(
      {
        id: "E13",
        name: `the honest token as ?${name}=`,
        forges: "tokens in logs, histories and Referer fields",
        source: "RFC 6750 §5.3, RFC 9700 §4.3.2",
      },
      ({ honest }) => ({ headers: [], query: { [name]: honest } }),
    ),
    fields(
      { id: "E13", name: `a forged token as the cookie ${name}`, forges: anyone, source: "RFC 7515 §5.2" },
      (forge) => [["Cookie", `${name}=${forged(forge)}`]],
    ),
  ]),
  fields(
    {
      id: "E13",
      name: "the honest token as Proxy-Authorization",
      forges: "a credential that was meant for somebody on the way",
      source: "RFC 9110 §11.7.2",
    },
    ({ honest }) => [["Proxy-Authorization", `Bearer ${honest}`]],
  ),
  ...["X-Access-Token", "X-Auth-Token", "X-Authorization"].map((name) =>
    fields(
      { id: "E13", name: `a forged token as ${name}`, forges: anyone, source: "RFC 7515 §5.2" },
      (forge) => [[name, forged(forge)]],
    ),
  ),
];

const honest: readonly RequestCase[] = ["bearer", "BEARER"].map((scheme) =>
  fields(
    {
      id: "E13",
      name: `the honest token under the scheme ${scheme}`,
      forges: "nothing: refusing it locks honest people out",
      source: "RFC 9110 §11.1 (case-insensitive)",
    },
    (forge) => [["Authorization", `${scheme} ${forge.honest}`]],
  ),
);

export const transportAttacks: readonly (RequestCase & Placed)[] = [
  ...refusedBy("transport", [...nothing, ...malformed, ...two, ...elsewhere]),
  ...acceptedBy("transport", honest),
];
