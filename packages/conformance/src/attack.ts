// Way one: the catalogue against a verify function, or against whatever builds verify functions.
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { NOT_POSABLE } from "./attack-case.ts";
import type { AttackCase, Family, ScenarioCase, TokenCase } from "./attack-case.ts";
import { resultOf } from "./case-result.ts";
import type { CaseVerdict } from "./case-result.ts";
import { catalogue } from "./catalogue.ts";
import type { Forge } from "./forge.ts";
import { judge, rawError } from "./judgement.ts";
import { forgeFrom, makeKeys } from "./keys.ts";
import type { AttackKeys } from "./keys.ts";
import { report } from "./report/attack-report.ts";
import type { AttackReport, AttackResult } from "./report/attack-report.ts";
import { ALGORITHMS } from "./signing.ts";
import { DEFAULT_PROFILE } from "./verifier-setup.ts";
import type { BuildVerify, Profile, Verify, VerifierSetup } from "./verifier-setup.ts";

export interface AttackOptions {
  /** Default: all of them. */
  readonly families?: readonly Family[];
  /** Told after each case: for progress while the kit runs. */
  readonly onResult?: (result: AttackResult) => void;
}

export interface AttackBuilderOptions extends AttackOptions {
  /** Default: all that the kit can sign with. */
  readonly algorithms?: readonly string[];
  readonly profile?: Partial<Profile>;
}

/**
 * Poses every case for these keys to one verify function, one after the other.
 *
 * The function must have been built from `keys.setup`. What it throws is its answer: this never rejects for that.
 */
export async function attack(
  verify: Verify,
  keys: AttackKeys,
  options: AttackOptions = {},
): Promise<AttackReport> {
  const forge = forgeFrom(keys);
  const results: AttackResult[] = [];
  for (const one of casesOf(options)) {
    if (one.kind !== "token" && one.kind !== "scenario") continue;
    // Whatever else lives in this process, a server perhaps, has its turn between two cases.
    await yieldToEventLoop();
    const verdict = await challenge(one, forge, verify);
    if (verdict === undefined) continue;
    const result = resultOf(one, keys.setup.algorithm, verdict);
    results.push(result);
    options.onResult?.(result);
  }
  return report(results);
}

/**
 * Poses the whole catalogue, cases about configuration included, to a function that builds verifiers.
 *
 * Setups for which it returns `null` are left out, so a library is judged by what it offers.
 */
export async function attackBuilder(
  build: BuildVerify,
  options: AttackBuilderOptions = {},
): Promise<AttackReport> {
  const { algorithms = ALGORITHMS } = options;
  const profile = { ...DEFAULT_PROFILE, ...options.profile };
  const setups = casesOf(options).filter((one) => one.kind === "setup");
  const attacksTokens = casesOf(options).some(({ kind }) => kind === "token" || kind === "scenario");
  const perAlgorithm = (attacksTokens ? algorithms : []).map(async (algorithm) => {
    const keys = makeKeys(algorithm, profile);
    const verify = await built(build, { ...keys.setup, rememberTokens: 100 });
    return verify === null ? [] : (await attack(verify, keys, options)).results;
  });
  // Side by side, because some cases wait for the clock.
  const results = (await Promise.all(perAlgorithm)).flat();
  for (const one of setups) {
    if (!algorithms.includes(one.algorithm)) continue;
    await yieldToEventLoop();
    const got = await one.play(build, profile);
    if (got === "unsupported") continue;
    const result = resultOf(one, one.algorithm, { got });
    results.push(result);
    options.onResult?.(result);
  }
  return report(results);
}

/** A builder that throws at an honest setup turns everybody away. */
async function built(build: BuildVerify, setup: VerifierSetup): Promise<Verify | null> {
  try {
    return await build(setup);
  } catch {
    return () => false;
  }
}

function casesOf({ families }: AttackOptions): readonly AttackCase[] {
  return families === undefined ? catalogue : catalogue.filter(({ family }) => families.includes(family));
}

async function challenge(
  one: TokenCase | ScenarioCase,
  forge: Forge,
  verify: Verify,
): Promise<CaseVerdict | undefined> {
  if (one.suits?.(forge) === false) return undefined;
  if (one.kind === "scenario") return { got: await one.play(forge, (token) => judge(verify, token)) };
  const token = one.token(forge);
  if (token === NOT_POSABLE) return undefined;
  const { accepted, refusal } = await judge(verify, token);
  return { got: accepted ? "accept" : "reject", remark: rawError(refusal) };
}
