import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { Asked, Told } from "./crowded-server.ts";

const isFull = process.env["TEST_FULL"] === "1";
const followers = isFull ? 1900 : 200;
const logOuts = isFull ? 200 : 20;
const betweenLogOutsMs = 100;
/** Of 20 KiB, as what the operating system and libuv hold for a socket is not seen from here. */
const bytesPerFollower = 18 * 1024;
const longestLagMs = 1000;

interface Instance {
  readonly url: URL;
  readonly ask: (what: Asked) => Promise<Told>;
}

async function startInstance(secret: string): Promise<Instance> {
  const child = fork(join(import.meta.dirname, "crowded-server.ts"), {
    execArgv: ["--conditions=@countersign/source", "--expose-gc"],
    env: { ...process.env, FOLLOWER_SECRET: secret },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const next = async (): Promise<Told> => {
    const [told] = (await once(child, "message")) as [Told];
    return told;
  };
  const told = await next();
  return {
    url: new URL("url" in told ? told.url : ""),
    ask(what) {
      const answer = next();
      child.send(what);
      return answer;
    },
  };
}

interface CrowdMember {
  /** Milliseconds since the epoch at which each entry arrived, by its number. */
  readonly arrivedAtMs: readonly number[];
  readonly isFollowing: () => boolean;
}

/** One follower, as little of it as there can be: the machine that is measured also has to carry them. */
function follow({ hostname, port }: URL, authorization: string): CrowdMember {
  const socket: Socket = connect({ host: hostname, port: Number(port) });
  onTestFinished(() => void socket.destroy());
  const arrivedAtMs: number[] = [];
  let isFollowing = false;
  let rest = "";
  socket.write(
    `GET /revocations HTTP/1.1\r\nhost: ${hostname}\r\naccept: text/event-stream\r\nauthorization: ${authorization}\r\n\r\n`,
  );
  socket.on("data", (chunk: Buffer) => {
    const text = rest + chunk.toString("latin1");
    const end = text.lastIndexOf("\n\n") + 2;
    rest = text.slice(end);
    for (const [, number] of text.slice(0, end).matchAll(/id: [\w-]+\.(\d+)\nevent: revocation/g))
      arrivedAtMs[Number(number) - 1] ??= Date.now();
    isFollowing ||= text.includes("event: heartbeat");
  });
  return { arrivedAtMs, isFollowing: () => isFollowing };
}

const inKib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

test(`an instance carries ${followers + 100} followers with a name at 20 KiB each, and tells all of them of every log-out`, async ({
  annotate,
}) => {
  const secret = randomBytes(32).toString("base64url");
  const { url, ask } = await startInstance(secret);
  const memory = async (): Promise<{ readonly usedBytes: number; readonly residentBytes: number }> => {
    const told = await ask("memory");
    return "usedBytes" in told ? told : { usedBytes: Number.NaN, residentBytes: Number.NaN };
  };
  const authorization = `Basic ${Buffer.from(`crowd:${secret}`).toString("base64")}`;
  const join = async (count: number): Promise<CrowdMember[]> => {
    const joined = Array.from({ length: count }, () => follow(url, authorization));
    await expect
      .poll(() => joined.every(({ isFollowing }) => isFollowing()), { timeout: 60_000, interval: 50 })
      .toBe(true);
    return joined;
  };

  // What the first ones cost is the code that they make warm.
  const crowd = await join(100);
  const before = await memory();
  for (let count = 0; count < followers; count += 100) crowd.push(...(await join(100)));
  const after = await memory();
  const usedBytes = (after.usedBytes - before.usedBytes) / followers;
  const residentBytes = (after.residentBytes - before.residentBytes) / followers;

  const committedAtMs: number[] = [];
  for (let count = 0; count < logOuts; count += 1) {
    const told = await ask("log out");
    if ("atMs" in told) committedAtMs.push(told.atMs);
    await sleep(betweenLogOutsMs);
  }
  await expect
    .poll(() => crowd.every(({ arrivedAtMs }) => arrivedAtMs.length === logOuts), { timeout: 60_000 })
    .toBe(true);

  const lagsMs = crowd
    .flatMap(({ arrivedAtMs }) => arrivedAtMs.map((at, index) => at - (committedAtMs[index] ?? Number.NaN)))
    .toSorted((one, other) => one - other);
  expect(lagsMs).toHaveLength((followers + 100) * logOuts);
  const [p50, p99] = [0.5, 0.99].map((share) => lagsMs[Math.ceil(share * lagsMs.length) - 1] ?? Infinity);
  await annotate(
    `a follower uses ${inKib(usedBytes)}, and the process grew by ${inKib(residentBytes)} for it; from the commit to the event: p50 ${p50} ms, p99 ${p99} ms`,
  );
  expect(usedBytes).toBeLessThanOrEqual(bytesPerFollower);
  if (isFull) expect(p99).toBeLessThanOrEqual(longestLagMs);
});
