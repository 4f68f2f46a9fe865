// Two instances behind nginx, restarted one after the other while clients go on asking.
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { newFolder } from "./cli/installations.ts";
import { type Served, startServedIn } from "./cli/served.ts";
import { startNginx } from "./nginx.ts";
import { freePort } from "./postgres-cluster.ts";
import { newPostgresUrl } from "./postgres.ts";

const clients = 12;
const rounds = process.env["TEST_FULL"] === "1" ? 10 : 1;
const password = "tangerine violin ledger";

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

test("a rolling restart behind nginx loses no request", async () => {
  const url = await newPostgresUrl();
  const dataDir = await newFolder();
  const ports = [await freePort(), await freePort()] as const;
  const masterKey = randomBytes(32).toString("base64url");
  const running = new Set<Served>();
  const start = async (port: number): Promise<Served> => {
    const served = await startServedAt(port, { masterKey, url, dataDir });
    running.add(served);
    return served;
  };
  onTestFinished(() => {
    for (const served of running) served.process.kill("SIGKILL");
  });
  let [one, other] = [await start(ports[0]), await start(ports[1])];
  const nginx = await startNginx(ports);
  onTestFinished(() => nginx.stop());

  const lost: string[] = [];
  let answered = 0;
  const over = new AbortController();

  async function ask<Reply>(path: string, init: RequestInit = {}): Promise<Reply | undefined> {
    try {
      const response = await fetch(nginx.url + path, init);
      const text = await response.text();
      answered += 1;
      if (response.ok) return text === "" ? undefined : (JSON.parse(text) as Reply);
      // An instance has said when to come again, as it does where there are more logins than cores: that is no loss.
      if (!isBusy(text)) lost.push(`${path} ${response.status} ${text}`);
      return undefined;
    } catch (error) {
      lost.push(`${path} ${String(error)} ${String((error as Error).cause)}`);
      return undefined;
    }
  }
  const json = (body: object): RequestInit => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

  async function logIn(name: string): Promise<Tokens> {
    const account = { email: `${name}@example.com`, password };
    let tokens: Tokens | undefined;
    // One after the other, so that the load begins with everybody logged in.
    for (; tokens === undefined; tokens = await ask<Tokens>("/login", json(account)))
      await fetch(`${nginx.url}/signup`, json(account));
    return tokens;
  }

  /** Mostly reads, every tenth time a renewal, and now and then a login. */
  async function next(name: string, tokens: Tokens, turn: number): Promise<Tokens | undefined> {
    await ask("/me", { headers: { authorization: `Bearer ${tokens.access_token}` } });
    if (turn % 40 === 0)
      return (await ask<Tokens>("/login", json({ email: `${name}@example.com`, password }))) ?? tokens;
    if (turn % 10 !== 0) return tokens;
    const fields = { grant_type: "refresh_token", refresh_token: tokens.refresh_token };
    return ask<Tokens>("/token", { method: "POST", body: new URLSearchParams(fields) });
  }

  async function live(name: string, first: Tokens): Promise<void> {
    let tokens: Tokens | undefined = first;
    let turn = 0;
    while (!over.signal.aborted && tokens !== undefined) {
      turn += 1;
      tokens = await next(name, tokens, turn);
      await pause(5);
    }
  }

  const people: [string, Tokens][] = [];
  for (let index = 0; index < clients; index += 1)
    people.push([`client${index}`, await logIn(`client${index}`)]);
  expect(lost).toEqual([]);
  const load = Promise.all(people.map(([name, tokens]) => live(name, tokens)));
  for (let round = 0; round < rounds; round += 1) {
    one = await restart(one, ports[0]);
    other = await restart(other, ports[1]);
  }
  over.abort();
  await load;

  async function restart(served: Served, port: number): Promise<Served> {
    const before = answered;
    expect(await served.stop()).toBe(0);
    running.delete(served);
    const next = await start(port);
    expect((await fetch(`${next.url}/health/ready`)).status).toBe(200);
    await expect.poll(() => answered, { timeout: 30_000 }).toBeGreaterThan(before + clients);
    return next;
  }

  expect(lost).toEqual([]);
  expect(answered).toBeGreaterThan(clients * 20);
  process.stdout.write(`rolling restart: ${answered} requests, ${lost.length} lost\n`);
});

function isBusy(text: string): boolean {
  return text.includes('"code":"busy"');
}

function startServedAt(
  port: number,
  { masterKey, url, dataDir }: { masterKey: string; url: string; dataDir: string },
): Promise<Served> {
  const flags = {
    "--port": String(port),
    "--issuer": "http://auth.example.com",
    "--database": url,
    "--data-dir": dataDir,
    "--trusted-proxies": "127.0.0.1",
    "--drain-delay-seconds": "1",
  };
  return startServedIn({ COUNTERSIGN_MASTER_KEY: masterKey }, ...Object.entries(flags).flat());
}
