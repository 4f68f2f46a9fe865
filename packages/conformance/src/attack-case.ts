// What a case of the catalogue is: what it forges, what it needs, and the outcome a correct verifier gives.
import type { BuildVerify, Profile } from "./verifier-setup.ts";
import type { Forge } from "./forge.ts";

export type Outcome = "accept" | "reject";

/** One file of `src/attacks/` each; `honest` holds the controls that MUST be accepted. */
export type Family =
  | "honest"
  | "algorithm"
  | "keys"
  | "signature"
  | "serialization"
  | "json"
  | "headers"
  | "claims"
  | "state"
  | "configuration"
  | "transport"
  | "recovery";

/**
 * What the attacker must hold.
 *
 * `token`: one valid token, or nothing at all; whoever can do it walks in from the street.
 * `public-key`: the published keys as well.
 * `signing-key`: an honest signature over odd content, so a careless issuer, a confused deputy or a second service
 * with the same key. What is tested is whether two readers can be made to understand one token differently.
 */
export type AttackerHolds = "token" | "public-key" | "signing-key";

export interface CaseFacts {
  /** Row of the catalogue: `A1`, `K5`, `S2`; several cases may share one. */
  readonly id: string;
  /** One line, unique in its family. */
  readonly name: string;
  /** What a verifier that lets it in gives away. */
  readonly forges: string;
  /** CVE or advisory where it has happened, and the section that forbids it. */
  readonly source: string;
  /** Where the RFCs leave room: the rule of the setup which decides this case. */
  readonly policy?: string;
}

/** A place in the catalogue. */
export interface Placed extends CaseFacts {
  readonly family: Family;
  readonly expected: Outcome;
}

/** Poses one token, or something that only looks like one. */
export interface TokenCase extends CaseFacts {
  readonly kind: "token";
  readonly power: AttackerHolds;
  /** Whether it can be posed with these keys at all; without it: always. */
  readonly suits?: (forge: Forge) => boolean;
  /** The token to present; `NOT_POSABLE` when this honest token gives no material for it. */
  readonly token: (forge: Forge) => unknown;
}

/** Poses several tokens in an order, or judges more than the verdict. `accept` means that the attack worked. */
export interface ScenarioCase extends CaseFacts {
  readonly kind: "scenario";
  readonly power: AttackerHolds;
  readonly suits?: (forge: Forge) => boolean;
  /** Looks at what the function returns, which no HTTP answer shows. */
  readonly functionOnly?: true;
  readonly play: (forge: Forge, present: Present) => Promise<Outcome>;
}

/** Poses a way to build a verifier; refusing to build is as good as refusing the token. */
export interface SetupCase extends CaseFacts {
  readonly kind: "setup";
  readonly algorithm: string;
  readonly play: (build: BuildVerify, profile: Profile) => Promise<Outcome | "unsupported">;
}

/** Poses an HTTP request, where the pitfall is in how the credential is carried. */
export interface RequestCase extends CaseFacts {
  readonly kind: "request";
  readonly suits?: (forge: Forge) => boolean;
  readonly request: (forge: Forge) => ProbeRequest;
}

export type AttackCase = (TokenCase | ScenarioCase | SetupCase | RequestCase) & Placed;

/** Header fields in wire order, so that a name may come twice; `query` is appended to the target's own URL. */
export interface ProbeRequest {
  readonly method?: "GET" | "HEAD";
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly query?: Readonly<Record<string, string>>;
}

export interface Presentation {
  readonly accepted: boolean;
  /** What the verify function returned. */
  readonly value?: unknown;
  /** How the refusal looks from outside, without the token: class, code and message, or the HTTP status. */
  readonly refusal?: string;
  /** The refusal's own words as they came, to look for token text in them. */
  readonly words?: string;
}

export type Present = (token: unknown) => Promise<Presentation>;

/** Returned by a case when the honest token at hand gives no material for it. */
export const NOT_POSABLE: unique symbol = Symbol("not posable");

/** Puts cases that a correct verifier refuses into their family. */
export function refusedBy<Case extends CaseFacts>(
  family: Family,
  cases: readonly Case[],
): readonly (Case & Placed)[] {
  return cases.map((one) => ({ ...one, family, expected: "reject" }));
}

/** Puts controls, which a correct verifier accepts, into their family. */
export function acceptedBy<Case extends CaseFacts>(
  family: Family,
  cases: readonly Case[],
): readonly (Case & Placed)[] {
  return cases.map((one) => ({ ...one, family, expected: "accept" }));
}
