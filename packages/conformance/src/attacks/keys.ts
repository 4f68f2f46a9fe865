// Family "keys": can a token choose, bring or describe the key that it is checked with?
import { createPublicKey, createSecretKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { NOT_POSABLE, refusedBy } from "../attack-case.ts";
import type { Outcome, Placed, Present, ScenarioCase, TokenCase } from "../attack-case.ts";
import { selfSignedCertificate } from "../certificate.ts";
import { selfSigned } from "../forge.ts";
import type { Forge, JsonObject } from "../forge.ts";
import { generateSigningKey, isHmac, mac, signAs } from "../signing.ts";
import { WELL_KNOWN_SECRETS } from "./well-known-secrets.ts";

/** How long a fetch that a refused token has set off may take to arrive. */
const FETCH_GRACE_MS = 100;

/** A key pair of the attacker's, made for one token; HMAC keys are their own public half. */
interface OwnKey {
  readonly signingKey: KeyObject;
  readonly jwk: JsonObject;
}

function ownKey(algorithm: string, kid: unknown): OwnKey {
  const signingKey = isHmac(algorithm)
    ? createSecretKey(Buffer.alloc(64, "attacker"))
    : generateSigningKey(algorithm);
  const shown = isHmac(algorithm) ? signingKey : createPublicKey(signingKey);
  return { signingKey, jwk: { ...shown.export({ format: "jwk" }), alg: algorithm, use: "sig", kid } };
}

function withOwnKey(forge: Forge, own: OwnKey, header: JsonObject): string {
  return selfSigned({ ...forge.header, ...header }, forge.raised, (input) =>
    signAs(forge.algorithm, own.signingKey, input),
  );
}

const embedded: readonly TokenCase[] = [
  {
    kind: "token",
    id: "K1",
    name: "signed by the attacker, whose key stands in the jwk header",
    forges: "any identity: the token vouches for itself",
    source: "CVE-2018-0114; RFC 7515 §4.1.3, RFC 8725 §3.10",
    power: "token",
    token: (forge) => {
      const own = ownKey(forge.algorithm, "attacker");
      return withOwnKey(forge, own, { jwk: own.jwk, kid: "attacker" });
    },
  },
  {
    kind: "token",
    id: "K1",
    name: "signed by the attacker, whose jwk header borrows the honest kid",
    forges: "any identity, past a check that the kid is known",
    source: "CVE-2018-0114; RFC 7515 §4.1.3",
    power: "token",
    token: (forge) => {
      const own = ownKey(forge.algorithm, forge.header["kid"]);
      return withOwnKey(forge, own, { jwk: own.jwk });
    },
  },
  {
    kind: "token",
    id: "K1",
    name: "signed by the attacker, whose certificate stands in the x5c header",
    forges: "any identity: a chain that leads nowhere",
    source: "RFC 7515 §4.1.6, RFC 8725 §3.10",
    power: "token",
    suits: ({ algorithm }) => !isHmac(algorithm),
    token: (forge) => {
      const own = ownKey(forge.algorithm, "attacker");
      const certificate = selfSignedCertificate(createPublicKey(own.signingKey));
      if (certificate === undefined) return NOT_POSABLE;
      return withOwnKey(forge, own, { x5c: [certificate.toString("base64")] });
    },
  },
  {
    kind: "token",
    id: "K1",
    name: "signed by another key of the right type",
    forges: "any identity, where the signature is only looked at",
    source: "RFC 7515 §5.2 step 8",
    power: "token",
    token: (forge) => withOwnKey(forge, ownKey(forge.algorithm, "attacker"), {}),
  },
];

const fetched: readonly ScenarioCase[] = [
  {
    kind: "scenario",
    id: "K2",
    name: "jku header names the attacker's key set",
    forges: "any identity, and requests to hosts of the attacker's choice",
    source: "RFC 7515 §4.1.2, RFC 8725 §3.10",
    power: "token",
    play: (forge, present) => {
      const own = ownKey(forge.algorithm, "attacker");
      return fetchedFrom(JSON.stringify({ keys: [own.jwk] }), present, (url) =>
        withOwnKey(forge, own, { jku: url, kid: "attacker" }),
      );
    },
  },
  {
    kind: "scenario",
    id: "K2",
    name: "x5u header names the attacker's certificate",
    forges: "any identity, and requests to hosts of the attacker's choice",
    source: "RFC 7515 §4.1.5, RFC 8725 §3.10",
    power: "token",
    suits: ({ algorithm }) => !isHmac(algorithm),
    play: (forge, present) => {
      const own = ownKey(forge.algorithm, "attacker");
      const certificate = selfSignedCertificate(createPublicKey(own.signingKey));
      return fetchedFrom(certificate?.toString("base64") ?? "", present, (url) =>
        withOwnKey(forge, own, { x5u: url }),
      );
    },
  },
];

/** Serves the attacker's key from this machine: asking for it is as bad as believing it. */
async function fetchedFrom(body: string, present: Present, token: (url: string) => string): Promise<Outcome> {
  let asked = false;
  const server = createServer((_request, response) => {
    asked = true;
    response.setHeader("content-type", "application/json").end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const { accepted } = await present(token(`http://127.0.0.1:${port}/keys.json`));
    if (!accepted) await delay(FETCH_GRACE_MS);
    return accepted || asked ? "accept" : "reject";
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Key ids that lead a careless look-up to a secret which the attacker knows. */
const LEADING_KIDS: readonly (readonly [label: string, kid: string, secret: string])[] = [
  ["a path to an empty file", "../../../../../../dev/null", ""],
  ["a path to a file that always says 2", "/proc/sys/kernel/randomize_va_space", "2\n"],
  ["an SQL injection that selects the secret", "x' UNION SELECT 'attacker' -- ", "attacker"],
  ["a shell command", "x; echo attacker", "attacker\n"],
  ["a data URL", "data:,attacker", "attacker"],
  ["__proto__", "__proto__", "[object Object]"],
  ["constructor", "constructor", Object.prototype.constructor.toString()],
  ["a key id that nobody has", "no-such-key", "undefined"],
];

/** Values that a loose look-up takes for a key id. */
const NOT_KIDS: readonly (readonly [label: string, kid: (honest: unknown) => unknown])[] = [
  ["a number", () => 1],
  ["an array with the honest id", (honest) => [honest]],
  ["an object", (honest) => ({ kid: honest })],
  ["null", () => null],
  ["true", () => true],
];

const lookedUp: readonly TokenCase[] = [
  ...LEADING_KIDS.map(([label, kid, secret]): TokenCase => ({
    kind: "token",
    id: "K3",
    name: `kid is ${label}`,
    forges: "any identity, signed with what the look-up returns",
    source: "RFC 7515 §4.1.4, RFC 8725 §3.10",
    power: "token",
    token: (forge) => knownSecret(forge, secret, { kid }),
  })),
  {
    kind: "token",
    id: "K5",
    name: "signed with the empty secret",
    forges: "any identity, where a missing secret counts as one",
    source: "CVE-2026-44351, CVE-2026-45363; RFC 7518 §3.2",
    power: "token",
    token: (forge) => knownSecret(forge, "", {}),
  },
  ...NOT_KIDS.map(([label, kid]): TokenCase => ({
    kind: "token",
    id: "K4",
    name: `kid is ${label}`,
    forges: "a token whose key was found by coercion",
    source: "RFC 7515 §4.1.4 (MUST be a string)",
    power: "signing-key",
    token: (forge) => forge.signed({ ...forge.header, kid: kid(forge.header["kid"]) }, forge.claims),
  })),
];

const guessed: readonly ScenarioCase[] = [
  {
    kind: "scenario",
    id: "K6",
    name: `signed with each of ${WELL_KNOWN_SECRETS.length} well-known secrets`,
    forges: "any identity, where the example's secret went live",
    source: "RFC 7518 §3.2, RFC 8725 §3.5",
    power: "token",
    play: async (forge, present) => {
      for (const secret of WELL_KNOWN_SECRETS) {
        const { accepted } = await present(knownSecret(forge, secret, {}));
        if (accepted) return "accept";
      }
      return "reject";
    },
  },
];

/** HMAC under a secret that the attacker knows: with the target's own algorithm where that is an HMAC. */
function knownSecret(forge: Forge, secret: string, header: JsonObject): string {
  const alg = isHmac(forge.algorithm) ? forge.algorithm : "HS256";
  return selfSigned({ ...forge.header, alg, ...header }, forge.raised, (input) => mac(alg, secret, input));
}

export const keyAttacks: readonly ((TokenCase | ScenarioCase) & Placed)[] = refusedBy<
  TokenCase | ScenarioCase
>("keys", [...embedded, ...fetched, ...lookedUp, ...guessed]);
