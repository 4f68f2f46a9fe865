// An upgrade under load: instances of the next release are started beside those of the present one, which then go.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { newFolder } from "../cli/installations.ts";
import { type Served, startProgram, startServed } from "../cli/served.ts";
import { newPostgresUrl } from "../postgres.ts";

const clients = 4;
const stepMs = process.env["TEST_FULL"] === "1" ? 15_000 : 1500;
const password = "tangerine violin ledger";
const laterRelease = join(import.meta.dirname, "later-release.ts");

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** Sends requests to instances in turn, as a load balancer does: to those that are in service, until they have answered. */
class Balancer {
  readonly #inService: { readonly url: string; underWay: number }[] = [];
  #next = 0;

  add({ url }: Served): void {
    this.#inService.push({ url, underWay: 0 });
  }

  /** Resolves when nothing is under way there any more. */
  async drain({ url }: Served): Promise<void> {
    const [instance] = this.#inService.splice(
      this.#inService.findIndex((each) => each.url === url),
      1,
    );
    const isBusy = (): boolean => instance !== undefined && instance.underWay > 0;
    while (isBusy()) await pause(10);
  }

  async send(path: string, init: RequestInit = {}): Promise<{ status: number; body: Partial<Tokens> }> {
    const instance = this.#inService[this.#next++ % this.#inService.length];
    if (instance === undefined) throw new TypeError("no instance is in service");
    instance.underWay += 1;
    try {
      const response = await fetch(instance.url + path, init);
      const text = await response.text();
      return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Partial<Tokens>) };
    } finally {
      instance.underWay -= 1;
    }
  }

  post(path: string, body: object, token?: string): ReturnType<Balancer["send"]> {
    const headers = {
      "content-type": "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    };
    return this.send(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  renew(refreshToken = ""): ReturnType<Balancer["send"]> {
    const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
    return this.send("/token", { method: "POST", body });
  }

  async statusOfMe(token = ""): Promise<number> {
    return (await this.send("/me", { headers: { authorization: `Bearer ${token}` } })).status;
  }
}

test("MI-04: an upgrade to a release with more columns refuses nobody, and every token outlives it", async () => {
  const databaseUrl = await newPostgresUrl();
  const args = ["--data-dir", await newFolder(), "--database", databaseUrl];
  const balancer = new Balancer();
  const starts = {
    present: () => startServed(...args),
    later: () => startProgram(laterRelease, {}, ...args),
  };
  async function start(release: keyof typeof starts): Promise<Served> {
    const served = await starts[release]();
    onTestFinished(() => void served.process.kill("SIGKILL"));
    balancer.add(served);
    return served;
  }
  async function stop(served: Served): Promise<void> {
    await balancer.drain(served);
    expect(await served.stop()).toBe(0);
  }

  const present = [await start("present"), await start("present")];
  const email = `${randomBytes(6).toString("hex")}@example.com`;
  expect((await balancer.post("/signup", { email, password })).status).toBe(201);
  const fromBefore = (await balancer.post("/login", { email, password })).body;

  const refused: unknown[] = [];
  let requests = 0;
  const load = { stopped: false };
  const expectStatus = (what: string, expected: number, status: number): void => {
    requests += 1;
    if (status !== expected) refused.push([what, status]);
  };
  /** Log in, renew some times, be let in, log out, be let in no more. */
  async function use(): Promise<void> {
    while (!load.stopped) {
      const login = await balancer.post("/login", { email, password });
      expectStatus("log-in", 200, login.status);
      let tokens = login.body;
      for (let renewal = 0; renewal < 8; renewal += 1) {
        const renewed = await balancer.renew(tokens.refresh_token);
        expectStatus("renewal", 200, renewed.status);
        tokens = renewed.body;
        expectStatus("use", 200, await balancer.statusOfMe(tokens.access_token));
      }
      expectStatus("log-out", 204, (await balancer.post("/logout", {}, tokens.access_token)).status);
      expectStatus("renewal after log-out", 400, (await balancer.renew(tokens.refresh_token)).status);
    }
  }
  const users = Array.from({ length: clients }, use);

  for (const served of present) {
    await pause(stepMs);
    await start("later");
    await pause(stepMs);
    await stop(served);
  }
  await pause(stepMs);
  load.stopped = true;
  await Promise.all(users);

  expect(refused).toEqual([]);
  expect(requests).toBeGreaterThan(100);
  expect(await balancer.statusOfMe(fromBefore.access_token)).toBe(200);
  expect((await balancer.renew(fromBefore.refresh_token)).status).toBe(200);
}, 300_000);
