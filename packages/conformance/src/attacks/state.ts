// Family "state": what a verifier remembers, and what it tells while it refuses.
import { setTimeout as delay } from "node:timers/promises";
import { acceptedBy, refusedBy } from "../attack-case.ts";
import type { Outcome, Placed, Present, ScenarioCase } from "../attack-case.ts";
import { compact, partsOf, segment } from "../forge.ts";
import type { Forge } from "../forge.ts";

/** Past the turn of a second, for verifiers that count whole ones. */
const MARGIN_MS = 40;

function scenario(
  facts: Pick<ScenarioCase, "id" | "name" | "forges" | "source" | "power" | "policy" | "functionOnly">,
  play: ScenarioCase["play"],
): ScenarioCase {
  return { kind: "scenario", ...facts, play };
}

/** How often a token is shown before it is certainly remembered: some memories take it in when it comes again. */
const times = 3;

/** Lets the verifier see the honest token, several times, so that whatever it keeps is warm. */
async function warm({ honest }: Forge, present: Present): Promise<boolean> {
  let accepted = true;
  for (let time = 0; time < times; time += 1) accepted = (await present(honest)).accepted && accepted;
  return accepted;
}

async function verdictOf(present: Present, token: unknown): Promise<Outcome> {
  return (await present(token)).accepted ? "accept" : "reject";
}

const remembered = "any identity, under the memory of a token that was once good";

const neighbours: readonly ScenarioCase[] = (
  [
    ["V1", "the same header and signature, a raised payload", raisedPayload],
    ["V1", "the same payload and signature, alg none", unsignedHeader],
    ["V1", "the same header and payload, another signature", otherSignature],
    ["V1", "the same header and payload, no signature", noSignature],
    ["V8", "the honest token with a dot after it", (forge) => `${forge.honest}.`],
    ["V8", "the honest token with padding", (forge) => `${forge.honest}=`],
    ["V8", "the honest token with a line feed", (forge) => `${forge.honest}\n`],
    ["V8", "the honest token, cut by one character", (forge) => forge.honest.slice(0, -1)],
  ] satisfies readonly (readonly [string, string, (forge: Forge) => string])[]
).map(([id, name, token]) =>
  scenario(
    {
      id,
      name: `right after the honest token: ${name}`,
      forges: remembered,
      source: "CVE-2026-35039",
      power: "token",
    },
    async (forge, present) => {
      await warm(forge, present);
      return verdictOf(present, token(forge));
    },
  ),
);

function raisedPayload(forge: Forge): string {
  const [header, , signature] = partsOf(forge.honest);
  return `${header}.${segment(forge.raised)}.${signature}`;
}

function unsignedHeader(forge: Forge): string {
  const [, payload, signature] = partsOf(forge.honest);
  return `${segment({ ...forge.header, alg: "none" })}.${payload}.${signature}`;
}

function otherSignature(forge: Forge): string {
  const [header, payload, signature] = partsOf(forge.honest);
  return `${header}.${payload}.${segment(Buffer.alloc(Buffer.from(signature, "base64url").length, 1))}`;
}

function noSignature(forge: Forge): string {
  const [header, payload] = partsOf(forge.honest);
  return `${header}.${payload}.`;
}

const memory: readonly ScenarioCase[] = [
  scenario(
    {
      id: "V2",
      name: "a remembered token after its exp",
      forges: "a token that has died",
      source: "RFC 7519 §4.1.4 (on every use)",
      power: "signing-key",
    },
    async (forge, present) => {
      const exp = nextSecond();
      const { iat: _iat, ...claims } = forge.claims;
      const token = forge.signed(forge.header, { ...claims, exp });
      for (let time = 0; time < times; time += 1) await present(token);
      await until(exp);
      return verdictOf(present, token);
    },
  ),
  scenario(
    {
      id: "V3",
      name: "claims that one request changed, seen by the next",
      forges: "any right, by way of somebody else's request object",
      source: "CWE-471",
      functionOnly: true,
      power: "token",
    },
    async (forge, present) => {
      await warm(forge, present);
      const { value } = await present(forge.honest);
      for (const claims of claimsIn(value)) {
        Reflect.set(claims, "sub", "attacker");
        if (Array.isArray(claims["roles"])) Reflect.set(claims["roles"], 0, "attacker");
      }
      const later = await present(forge.honest);
      return claimsIn(later.value).some((claims) => JSON.stringify(claims).includes("attacker"))
        ? "accept"
        : "reject";
    },
  ),
  scenario(
    {
      id: "V5",
      name: "honest and forged tokens at the same time",
      forges: "any identity, where two requests share a verdict",
      source: "CWE-362",
      power: "token",
    },
    async (forge, present) => {
      const forged = raisedPayload(forge);
      const verdicts = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const isForged = index % 2 === 0;
          const { accepted } = await present(isForged ? forged : forge.honest);
          return isForged && accepted;
        }),
      );
      return verdicts.includes(true) ? "accept" : "reject";
    },
  ),
];

const telling: readonly ScenarioCase[] = [
  scenario(
    {
      id: "S10",
      name: "claims judged before the signature",
      forges: "an oracle: refusals tell a forger which claims would do",
      source: "CWE-203",
      policy: "nothing of the payload is judged before the signature holds",
      power: "token",
    },
    async (forge, present) => {
      const refusal = async (claims: object): Promise<string | undefined> =>
        (await present(compact(forge.header, { ...forge.raised, ...claims }, badSignature(forge)))).refusal;
      const plain = await refusal({});
      const changes = [{ exp: 1 }, { iss: "https://evil.example" }, { aud: "https://other.example" }];
      for (const change of changes) if ((await refusal(change)) !== plain) return "accept";
      return "reject";
    },
  ),
  scenario(
    {
      id: "S10",
      name: "the refusal repeats the token",
      forges: "live tokens in logs and replies",
      source: "CWE-532, CWE-117",
      policy: "no token text in an error",
      power: "token",
    },
    async (forge, present) => {
      const [, payload] = partsOf(forge.honest);
      const tokens = [
        compact(forge.header, forge.claims, badSignature(forge)),
        `${forge.honest}.e30`,
        compact({ ...forge.header, alg: "none" }, forge.claims),
      ];
      for (const token of tokens) {
        const { words } = await present(token);
        if (words !== undefined && (words.includes(token) || words.includes(payload))) return "accept";
      }
      return "reject";
    },
  ),
];

function badSignature(forge: Forge): Buffer {
  return Buffer.alloc(Buffer.from(partsOf(forge.honest)[2], "base64url").length, 1);
}

/** The claims in what a verifier returned: itself, or one level down (`payload`, `claims`). */
function claimsIn(value: unknown): readonly Record<string, unknown>[] {
  if (!isObject(value)) return [];
  return [value, ...Object.values(value).filter(isObject)].filter((object) => "sub" in object);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The next whole second that leaves time to show a token before it. */
function nextSecond(): number {
  return Math.ceil((Date.now() + 250) / 1000);
}

async function until(seconds: number): Promise<void> {
  await delay(Math.max(0, seconds * 1000 - Date.now()) + MARGIN_MS);
}

const patience: readonly ScenarioCase[] = [
  scenario(
    {
      id: "V6",
      name: "a token that was refused before its nbf, after its nbf",
      forges: "nothing: a refusal that is remembered locks honest people out",
      source: "RFC 7519 §4.1.5",
      power: "signing-key",
    },
    async (forge, present) => {
      const nbf = nextSecond();
      const token = forge.signed(forge.header, { ...forge.claims, nbf });
      await present(token);
      await until(nbf);
      return verdictOf(present, token);
    },
  ),
];

export const stateAttacks: readonly (ScenarioCase & Placed)[] = [
  ...refusedBy("state", [...neighbours, ...memory, ...telling]),
  ...acceptedBy("state", patience),
];
