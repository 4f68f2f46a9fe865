// How many follow one instance, what each of them costs it, and how soon all of them hear of a log-out.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { newFolder } from "../cli/installations.ts";
import { type Served, startProgram } from "../cli/served.ts";
import { type CrowdMember, follow } from "./crowd.ts";
import type { MemoryUsed } from "./measured-serve.ts";
import { type LoggedIn, logIn, logOut } from "./sessions.ts";

const isFull = process.env["TEST_FULL"] === "1";
const followers = isFull ? 2000 : 200;
const logOuts = isFull ? 100 : 10;
const betweenLogOutsMs = 100;
const longestLagMs = isFull ? 1000 : 5000;
const usedBytesAtMost = 12 * 1024;
/** Said of thousands alone: with fewer, what the process takes for other things counts more. */
const residentBytesAtMost = 20 * 1024;
/** What the first ones cost is the code that they make warm. */
const warmingUp = 100;

async function startInstance(secret: string): Promise<Served> {
  const program = join(import.meta.dirname, "measured-serve.ts");
  const environment = {
    COUNTERSIGN_FEED_FOLLOWERS: JSON.stringify({ crowd: secret }),
    // As the image of deploy/ has it: a larger young generation is a reserve, which fills whoever asks.
    NODE_OPTIONS: "--max-semi-space-size=2",
  };
  const served = await startProgram(program, environment, "--data-dir", await newFolder());
  onTestFinished(() => void served.process.kill("SIGKILL"));
  return served;
}

async function memoryOf(served: Served): Promise<MemoryUsed> {
  const said = (): string[] => served.log.filter((line) => line.startsWith('{"memory"'));
  const { length } = said();
  served.process.kill("SIGUSR2");
  await expect.poll(() => said().length, { timeout: 20_000 }).toBeGreaterThan(length);
  return (JSON.parse(said().at(-1) ?? "") as { readonly memory: MemoryUsed }).memory;
}

const inKib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

test(`an instance carries ${followers} followers with a name at 20 KiB each, and all of them hear of every log-out`, async ({
  annotate,
}) => {
  const secret = randomBytes(32).toString("base64url");
  const served = await startInstance(secret);
  const url = new URL(served.url);
  const authorization = `Basic ${Buffer.from(`crowd:${secret}`).toString("base64")}`;
  const sessions: LoggedIn[] = [];
  while (sessions.length < logOuts) sessions.push(await logIn(served.url, "ada"));

  const crowd: CrowdMember[] = [];
  async function joinUntil(count: number): Promise<void> {
    while (crowd.length < count) {
      const localAddress = `127.0.${1 + (crowd.length >> 7)}.${1 + (crowd.length & 127)}`;
      crowd.push(follow(url, { authorization, localAddress }));
      if (crowd.length % 100 > 0) continue;
      await expect
        .poll(() => crowd.every(({ isFollowing }) => isFollowing()), { timeout: 60_000, interval: 50 })
        .toBe(true);
    }
  }
  await joinUntil(warmingUp);
  const before = await memoryOf(served);
  await joinUntil(followers);
  const after = await memoryOf(served);
  const perFollower = (which: keyof MemoryUsed): number =>
    (after[which] - before[which]) / (followers - warmingUp);

  const answeredAtMs: number[] = [];
  for (const session of sessions) {
    const next = sleep(betweenLogOutsMs);
    answeredAtMs.push(await logOut(served.url, session));
    await next;
  }
  await expect
    .poll(() => crowd.every(({ heardAtMs }) => sessions.every(({ sid }) => heardAtMs.has(sid))), {
      timeout: 60_000,
    })
    .toBe(true);

  const lagsMs = crowd
    .flatMap(({ heardAtMs }) =>
      sessions.map(({ sid }, index) => (heardAtMs.get(sid) ?? Infinity) - (answeredAtMs[index] ?? 0)),
    )
    .toSorted((one, other) => one - other);
  expect(lagsMs).toHaveLength(followers * logOuts);
  const [p50, p99] = [0.5, 0.99].map((share) => lagsMs[Math.ceil(share * lagsMs.length) - 1] ?? Infinity);
  await annotate(
    `a follower uses ${inKib(perFollower("usedBytes"))}, and the process grew by ${inKib(perFollower("residentBytes"))} for it; ` +
      `from the answer of the log-out to the event: p50 ${p50} ms, p99 ${p99} ms, at most ${lagsMs.at(-1)} ms`,
  );
  expect(perFollower("usedBytes")).toBeLessThanOrEqual(usedBytesAtMost);
  if (isFull) expect(perFollower("residentBytes")).toBeLessThanOrEqual(residentBytesAtMost);
  expect(p99).toBeLessThanOrEqual(longestLagMs);
  expect(crowd.every(({ isFollowing }) => isFollowing())).toBe(true);
}, 180_000);
