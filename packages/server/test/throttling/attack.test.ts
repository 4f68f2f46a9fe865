// What an attacker gets in a day who has addresses, knows accounts, and asks as soon as they may.
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { ServiceError } from "../../src/errors.ts";
import { openOn } from "../database/backends.ts";
import { createClock, newAccount, times } from "../database/fixtures.ts";
import { openSessions } from "../../src/throttling/throttling.ts";
import { bucketsOf, throttlingOn } from "./fixtures.ts";

const fullBudget = process.env["TEST_FULL"] === "1";
const tickSeconds = 10;
const floodGuesses = 2000;

interface Attack {
  readonly addresses: number;
  readonly accounts: number;
  readonly hours: number;
}

interface Figures {
  /** How many passwords were compared. */
  guesses: number;
  refused: number;
  trailRows: number;
  /** Of a flood without a pause, after its first refusal. */
  trailRowsPerRefusedGuess: number;
  /** How often a device that its owner has logged in with before was refused, once an hour each. */
  lockOutsOfOwnersDevice: number;
  /** The same of an owner who is logged in, and shows the password for a change. */
  lockOutsOfOwnersSession: number;
}

const wrong = async (): Promise<never> => {
  throw new ServiceError("invalid_credentials");
};

async function attack({ addresses, accounts, hours }: Attack): Promise<Figures> {
  const clock = createClock();
  const store = await openOn("sqlite::memory:", { nowMs: clock.nowMs });
  const [buckets] = await bucketsOf([store], clock.nowMs);
  if (buckets === undefined) throw new TypeError("nothing was opened");
  const { throttling, settle } = throttlingOn(store, buckets);
  const targets: { email: string; freeAtMs: number }[] = [];
  for (const _ of times(accounts, () => 0))
    targets.push({ email: (await newAccount(store)).email, freeAtMs: 0 });
  const sources = times(addresses, (index) => ({
    address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
    freeAtMs: 0,
  }));
  const figures: Figures = {
    guesses: 0,
    refused: 0,
    trailRows: 0,
    trailRowsPerRefusedGuess: 0,
    lockOutsOfOwnersDevice: 0,
    lockOutsOfOwnersSession: 0,
  };
  const rows = async (): Promise<number> => {
    await settle();
    const verdict = await store.audit.verifyChain();
    return verdict.outcome === "intact" ? verdict.rows : Number.NaN;
  };
  const before = await rows();

  let attempts = 0;
  /** The message names whose limit it was, so the attacker knows which of the two to rest. */
  async function guess(target: (typeof targets)[number], source: (typeof sources)[number]): Promise<void> {
    attempts += 1;
    // A process that attends to nothing else for seconds takes itself for one that stood still.
    if (attempts % 64 === 0) await nextTurn();
    const guesser = { addressKey: target.email, origin: { address: source.address } };
    try {
      await throttling.guess(guesser, wrong);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (error.code === "invalid_credentials") {
        figures.guesses += 1;
        return;
      }
      figures.refused += 1;
      const resting = error.detail?.includes("network") === true ? source : target;
      resting.freeAtMs = clock.nowMs() + (error.retryAfterSeconds ?? 0) * 1000;
    }
  }

  for (let second = 0; second < hours * 3600; second += tickSeconds) {
    const isFree = ({ freeAtMs }: { readonly freeAtMs: number }): boolean => freeAtMs <= clock.nowMs();
    const ready = sources.filter(isFree);
    // In turns: as the attacker's own limit is what is scarce, no account gets it all.
    for (let open = targets.filter(isFree); open.length > 0 && ready.length > 0; open = open.filter(isFree)) {
      for (const target of open) {
        const source = ready.at(-1);
        if (source === undefined) break;
        await guess(target, source);
        if (!isFree(source)) ready.pop();
        else ready.unshift(...ready.splice(-1));
      }
    }
    if (second % 3600 === 0) {
      for (const { email } of targets) {
        // From the attacker's own network, so that its limit is tried as well.
        const owner = { addressKey: email, origin: { address: "10.0.0.0" } };
        const isIn = async (device: string): Promise<boolean> =>
          throttling.guess({ ...owner, device }, async () => true).catch(() => false);
        if (!(await isIn("laptop"))) figures.lockOutsOfOwnersDevice += 1;
        if (!(await isIn(openSessions))) figures.lockOutsOfOwnersSession += 1;
      }
    }
    await settle();
    await nextTurn();
    clock.advanceSeconds(tickSeconds);
  }
  figures.trailRows = (await rows()) - before;
  const [target, source] = [targets[0], sources[0]];
  if (target === undefined || source === undefined) throw new TypeError("there is nobody");
  const refused = (): number => figures.refused;
  const refusedInTime = refused();
  while (refused() === refusedInTime) await guess(target, source);
  const [beforeFlood, refusedBefore] = [await rows(), refused()];
  for (const _ of times(floodGuesses, () => 0)) await guess(target, source);
  expect(refused() - refusedBefore).toBe(floodGuesses);
  figures.trailRowsPerRefusedGuess = ((await rows()) - beforeFlood) / floodGuesses;
  return figures;
}

/** What the settings promise: the addresses' limit or the accounts', whichever is less. */
function promised({ addresses, accounts, hours }: Attack): number {
  const seconds = hours * 3600;
  return Math.min(addresses * (100 + seconds / 10), accounts * Math.min(100, 10 + seconds / 300));
}

const attacks: readonly Attack[] = fullBudget
  ? [1, 100, 10_000].flatMap((addresses) => [
      { addresses, accounts: 1, hours: 24 },
      { addresses, accounts: 1000, hours: 24 },
    ])
  : [
      ...[1, 100, 10_000].map((addresses) => ({ addresses, accounts: 1, hours: 24 })),
      { addresses: 1, accounts: 40, hours: 1 },
      { addresses: 100, accounts: 20, hours: 2 },
    ];

test.each(attacks)(
  "TH-01 TH-04: with $addresses addresses against $accounts accounts in $hours hours",
  async (given) => {
    const figures = await attack(given);
    process.stdout.write(`${JSON.stringify({ ...given, ...figures })}\n`);
    expect(figures.guesses).toBeLessThanOrEqual(promised(given));
    expect(figures.guesses).toBeGreaterThan(0.95 * promised(given));
    // Where refusals begin and where an account closes; the refusals themselves leave no row.
    expect(figures.trailRows).toBeLessThanOrEqual(2 * given.accounts + given.addresses);
    expect(figures.trailRowsPerRefusedGuess).toBe(0);
    expect(figures.lockOutsOfOwnersDevice).toBe(0);
    expect(figures.lockOutsOfOwnersSession).toBe(0);
  },
);
