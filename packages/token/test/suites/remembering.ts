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
import type { Harness } from "./harness.ts";

const start = 1_800_000_000;
const tokenCount = 40;

type Step =
  | { readonly do: "verify"; readonly token: number }
  | { readonly do: "pass"; readonly seconds: number }
  | { readonly do: "rotate"; readonly keys: number }
  | { readonly do: "revoke"; readonly sid: number }
  | { readonly do: "restore"; readonly sid: number };

export function rememberingSuite(
  { test, check }: Harness,
  { verifications }: { verifications: number },
): void {
  test(`remembering and forgetting verifiers agree on ${verifications} tokens (TV-09)`, () => {
    const { keySets, tokens } = makeWorld();
    let done = 0;
    for (let seed = 1; done < verifications; seed += 1) {
      const [steps = []] = fc.sample(stepsArbitrary(), { seed, numRuns: 1 });
      done += follow(steps, keySets, tokens, check);
    }
  });
}

/** Three keys, of which a set has one or two; tokens of all of them with different lives and sessions, and forgeries. */
function makeWorld(): { keySets: readonly KeySet[]; tokens: readonly string[] } {
  const makeKey = (kid: string, fill: number): Key =>
    secretKey("HS256", new Uint8Array(32).fill(fill), { kid });
  const [a, b, c] = [makeKey("a", 1), makeKey("b", 2), makeKey("c", 3)];
  const stranger = makeKey("a", 9);
  const tokens = Array.from({ length: tokenCount }, (_, index) => {
    const key = index % 7 === 0 ? stranger : nth([a, b, c], index);
    const sign = createSigner({ key, type: null, lifetimeSeconds: 1 + (index % 11) * 7 });
    const token = sign({ sid: `s${index % 8}`, iat: start + (index % 5) * 4, nbf: start + (index % 4) * 5 });
    return index % 13 === 0 ? `${token.slice(0, -1)}${token.endsWith("A") ? "E" : "A"}` : token;
  });
  // Two sets of the same keys: another object is another set.
  return { keySets: [keySet([a, b]), keySet([b, c]), keySet([a]), keySet([a, b])], tokens };
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

/** Plays the steps; gives the number of tokens verified. */
function follow(
  steps: readonly Step[],
  keySets: readonly KeySet[],
  tokens: readonly string[],
  check: Harness["check"],
): number {
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
  let count = 0;
  for (const step of steps) {
    if (step.do === "pass") now += step.seconds;
    else if (step.do === "rotate") keys = nth(keySets, step.keys);
    else if (step.do === "revoke") revoked.add(`s${step.sid}`);
    else if (step.do === "restore") revoked.delete(`s${step.sid}`);
    else {
      count += 1;
      // A new string each time, as it comes out of a request.
      const token = Buffer.from(nth(tokens, step.token)).toString("latin1");
      const expected = outcomeOf(forgetting, token);
      for (const verify of remembering) check(outcomeOf(verify, token) === expected, `not ${expected}`);
    }
  }
  return count;
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
