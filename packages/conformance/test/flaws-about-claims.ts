// Verifiers that check the signature and then look away: header parameters, claims, memory.
import { inflateRawSync } from "node:zlib";
import { partsOf } from "../src/forge.ts";
import type { Flaw } from "./flaw.ts";
import { isRight, naive, open, Refused } from "./naive-verifier.ts";
import type { Json } from "./naive-verifier.ts";

export const headerFlaws: readonly Flaw[] = [
  {
    name: "ignores what the header says about the content",
    family: "headers",
    ids: ["H1", "H2", "H3", "H4", "H5", "H6", "H7"],
    build: (keys) => (token) => naive(keys, token),
  },
  {
    name: "knows b64, zip and cty",
    family: "headers",
    ids: ["H3", "H6", "H7"],
    build: (keys) => (token) => {
      const header = partsOf(token)[0];
      const last = token.lastIndexOf(".");
      const signature = Buffer.from(token.slice(last + 1), "base64url");
      if (!isRight(keys, token.slice(0, last), signature)) throw new Refused("signature");
      const { b64, zip, cty } = JSON.parse(Buffer.from(header, "base64url").toString("utf8")) as Json;
      const content = token.slice(header.length + 1, last);
      const bytes = b64 === false ? Buffer.from(content) : Buffer.from(content, "base64url");
      const text = (zip === "DEF" ? inflateRawSync(bytes) : bytes).toString("utf8");
      return cty === "JWT" ? naive(keys, text) : JSON.parse(text);
    },
  },
  {
    name: "lets claims in the header stand for those in the payload",
    family: "headers",
    ids: ["J15"],
    build: (keys) => (token) => {
      const { header, payload } = open(token);
      naive(keys, token);
      const claims = { ...(payload as Json), ...header };
      if (claims["iss"] !== keys.setup.issuer || Number(claims["exp"]) <= Date.now() / 1000) {
        throw new Refused("claims");
      }
      return claims;
    },
  },
];

export const claimFlaws: readonly Flaw[] = [
  {
    name: "leaves the claims to the application",
    family: "claims",
    ids: ["C1", "C2", "C3", "C4", "C6", "C9", "C10", "C13", "C16", "C17", "J11"],
    build: (keys) => (token) => naive(keys, token),
  },
  {
    name: "compares claims loosely",
    family: "claims",
    ids: ["C1", "C2", "C9", "C10", "C13"],
    build: (keys) => (token) => {
      const claims = naive(keys, token) as Json;
      const { issuer, audience } = keys.setup;
      const now = Date.now() / 1000;
      const right =
        String(claims["iss"]).toLowerCase().includes(issuer) &&
        JSON.stringify(claims["aud"]).toLowerCase().includes(audience) &&
        !(Number(claims["exp"]) <= now) &&
        !(Number(claims["nbf"]) > now);
      if (!right) throw new Refused("claims");
      return claims;
    },
  },
];

export const stateFlaws: readonly Flaw[] = [
  {
    name: "remembers verdicts by signature",
    family: "state",
    ids: ["V1"],
    build: (keys) => remembering(keys, (token) => partsOf(token)[2]),
  },
  {
    name: "remembers verdicts by payload",
    family: "state",
    ids: ["V1", "V2"],
    build: (keys) => remembering(keys, (token) => partsOf(token)[1]),
  },
  {
    name: "remembers verdicts by the first hundred characters",
    family: "state",
    ids: ["V8"],
    build: (keys) => remembering(keys, (token) => token.slice(0, 100)),
  },
  {
    name: "hands the same claims to everybody",
    family: "state",
    ids: ["V3"],
    build: (keys) => remembering(keys, (token) => token),
  },
  {
    name: "keeps the token of the moment in one variable",
    family: "state",
    ids: ["V5"],
    build: (keys) => {
      let current = "";
      return async (token) => {
        current = token;
        await Promise.resolve();
        return naive(keys, current);
      };
    },
  },
  {
    name: "judges claims before the signature",
    family: "state",
    ids: ["S10"],
    build: (keys) => (token) => {
      const { exp } = open(token).payload as Json;
      if (Number(exp) <= Date.now() / 1000) throw new Refused("expired");
      return naive(keys, token);
    },
  },
  {
    name: "repeats the token in its errors",
    family: "state",
    ids: ["S10"],
    build: (keys) => (token) => {
      try {
        return naive(keys, token);
      } catch (error) {
        throw new Refused(`cannot verify ${token}`, { cause: error });
      }
    },
  },
];

function remembering(
  keys: Parameters<Flaw["build"]>[0],
  keyOf: (token: string) => string,
): ReturnType<Flaw["build"]> {
  const verdicts = new Map<string, unknown>();
  return (token) => {
    const key = keyOf(token);
    const claims = verdicts.get(key) ?? verified(token);
    verdicts.set(key, claims);
    return claims;
  };

  function verified(token: string): unknown {
    const claims = naive(keys, token) as Json;
    if (Number(claims["exp"]) <= Date.now() / 1000) throw new Refused("expired");
    return claims;
  }
}
