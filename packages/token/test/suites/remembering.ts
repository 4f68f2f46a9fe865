/** A verifier that remembers tokens says what one that does not says, whatever happens between two looks. */
import fc from "fast-check";
import {
  createSigner,
  createVerifier,
  type Key,
  type KeySet,
  keySet,
  secretKey,
  TokenError,
  type Verified,
  type Verifier,
} from "../../src/index.ts";
import { secretBytes } from "../fixtures.ts";
import type { Harness } from "./harness.ts";

const start = 1_800_000_000;
/** How many tokens there are in one world. */
const tokenCount = 40;

type Step =
  | { readonly do: "verify"; readonly token: number }
  | { readonly do: "pass"; readonly seconds: number }
  | { readonly do: "rotate"; readonly keys: number }
  | { readonly do: "revoke"; readonly sid: number }
  | { readonly do: "restore"; readonly sid: number };

export function rememberingSuite({ test, check }: Harness, { tokens: total }: { tokens: number }): void {
  test(`TV-09: remembering and forgetting verifiers agree on ${total} random tokens`, () => {
    const keyring = makeKeyring();
    for (let seed = 1; seed * tokenCount <= total; seed += 1) {
      const [[recipes, steps] = [[], []]] = fc.sample(fc.tuple(recipesArbitrary(), stepsArbitrary()), {
        seed,
        numRuns: 1,
      });
      const tokens = recipes.map((recipe) => bake(recipe, keyring.keys));
      follow(steps, keyring.keySets, tokens, check);
    }
  });
}

/** Three keys, a stranger's under the name of one of them, and sets of one or two. */
function makeKeyring(): { keys: readonly Key[]; keySets: readonly KeySet[] } {
  const makeKey = (kid: string, number: number): Key => secretKey("HS256", secretBytes(number), { kid });
  const [a, b, c] = [makeKey("a", 1), makeKey("b", 2), makeKey("c", 3)];
  // Two sets of the same keys: another object is another set.
  const keySets = [keySet([a, b]), keySet([b, c]), keySet([a]), keySet([a, b])];
  return { keys: [a, b, c, makeKey("a", 9)], keySets };
}

/** What a random token is made of. Times are seconds from the start. */
interface Recipe {
  readonly key: number;
  readonly lifetimeSeconds: number;
  readonly sid: number;
  readonly iat: number;
  readonly nbf: number;
  readonly note: string;
  /** The place, counted from the end, where a character is another one. */
  readonly damage: number | null;
}

function recipesArbitrary(): fc.Arbitrary<Recipe[]> {
  const recipe = fc.record({
    key: fc.nat(3),
    lifetimeSeconds: fc.integer({ min: 1, max: 80 }),
    sid: fc.nat(7),
    iat: fc.integer({ min: -5, max: 20 }),
    nbf: fc.integer({ min: -5, max: 20 }),
    note: fc.string({ maxLength: 12 }),
    damage: fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(60) }),
  });
  return fc.array(recipe, { minLength: tokenCount, maxLength: tokenCount });
}

function bake({ key, lifetimeSeconds, sid, iat, nbf, note, damage }: Recipe, keys: readonly Key[]): string {
  const sign = createSigner({ key: nth(keys, key), type: null, lifetimeSeconds });
  const token = sign({ sid: `s${sid}`, iat: start + iat, nbf: start + nbf, note });
  if (damage === null) return token;
  const at = token.length - 1 - damage;
  return `${token.slice(0, at)}${token[at] === "A" ? "E" : "A"}${token.slice(at + 1)}`;
}

function stepsArbitrary(): fc.Arbitrary<Step[]> {
  const sid = fc.nat(7);
  return fc.array(
    fc.oneof(
      {
        weight: 20,
        arbitrary: fc.record({ do: fc.constant("verify" as const), token: fc.nat(tokenCount - 1) }),
      },
      // Clocks are also put back.
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant("pass" as const), seconds: fc.integer({ min: -9, max: 12 }) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("rotate" as const), keys: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("revoke" as const), sid }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const), sid }) },
    ),
    { minLength: 200, maxLength: 400 },
  );
}

/** Plays the steps. */
function follow(
  steps: readonly Step[],
  keySets: readonly KeySet[],
  tokens: readonly string[],
  check: Harness["check"],
): void {
  let now = start;
  let keys = nth(keySets, 0);
  const revoked = new Set<string>();
  const make = (rememberTokens: number): Verifier<{ sid: string }> =>
    createVerifier({
      keys: () => keys,
      type: null,
      issuer: null,
      audience: null,
      now: () => now,
      isRevoked: ({ sid }: Verified<{ sid: string }>) => revoked.has(sid),
      rememberTokens,
    });
  const forgetting = make(0);
  // One that must forget again and again, and one that never has to.
  const remembering = [make(6), make(1000)];
  for (const step of steps) {
    if (step.do === "pass") now += step.seconds;
    else if (step.do === "rotate") keys = nth(keySets, step.keys);
    else if (step.do === "revoke") revoked.add(`s${step.sid}`);
    else if (step.do === "restore") revoked.delete(`s${step.sid}`);
    else {
      // A new string each time, as it comes out of a request.
      const token = Buffer.from(nth(tokens, step.token)).toString("latin1");
      const expected = outcomeOf(forgetting, token);
      for (const verify of remembering) check(outcomeOf(verify, token) === expected, `not ${expected}`);
    }
  }
}

/** An element of a list that is not empty, counted around. */
function nth<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError("the list is empty");
  return item;
}

function outcomeOf(verify: Verifier<{ sid: string }>, token: string): string {
  try {
    return JSON.stringify(verify(token));
  } catch (error) {
    if (error instanceof TokenError) return `${error.code} ${error.claim}`;
    throw error;
  }
}
