// A primary and a synchronous standby, both in the URL: whatever becomes of the primary, nothing that was acknowledged is
// lost, no session is forked, and the instances go on with the standby by themselves.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  type TestContext,
} from "vitest";
import { createAccessVerifier } from "@countersign/verifier";
import { countersign, newFolder } from "../cli/installations.ts";
import { servedIssuer, startServed } from "../cli/served.ts";
import { startTcpProxy } from "../feed/tcp-proxy.ts";
import { startPostgres } from "../postgres-cluster.ts";
import { post, renew } from "../requests.ts";

const isFull = process.env["TEST_FULL"] === "1";
const password = "tangerine violin ledger";
const frozenSeconds = 30;

type Standby = Awaited<ReturnType<Awaited<ReturnType<typeof startPostgres>>["newStandby"]>>;

interface Pair {
  readonly primary: Awaited<ReturnType<typeof startPostgres>>;
  readonly standby: Standby;
  /** Makes a database; answers how its URL is, by way of these places in this order. */
  newDatabase(): Promise<(...places: readonly Place[]) => string>;
}

interface Place {
  readonly host: string;
  readonly port: number;
}

async function startPair(): Promise<Pair> {
  const secret = randomBytes(16).toString("hex");
  const primary = await startPostgres({
    password: secret,
    durable: true,
    settings: ["max_connections=40"],
  });
  const standby = await primary.newStandby();
  return {
    primary,
    standby,
    async newDatabase() {
      const name = new URL(await primary.newDatabase()).pathname;
      return (...places) =>
        `postgres://postgres:${secret}@${places.map(({ host, port }) => `${host}:${port}`).join()}${name}?target_session_attrs=read-write`;
    },
  };
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

interface Account {
  readonly email: string;
  /** What was acknowledged of its sessions; a log-out that was asked for and not answered may have happened. */
  readonly sessions: { refreshToken: string; state: "alive" | "logged_out" | "uncertain" }[];
}

/** People who log in, renew and log out, and try again whatever is refused with 503 or breaks off. */
class Load {
  readonly accounts: Account[] = [];
  acknowledged = 0;
  refused = 0;
  readonly #urls: readonly string[];
  #isOver = false;
  readonly #people: Promise<void>[];

  constructor(urls: readonly string[], count = 6) {
    this.#urls = urls;
    this.#people = Array.from({ length: count }, () => this.#live());
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#people);
  }

  /** Waits for so many more acknowledged writes; answers how many milliseconds that took. */
  async more(count: number, timeout = 60_000): Promise<number> {
    const sinceMs = performance.now();
    const before = this.acknowledged;
    await expect.poll(() => this.acknowledged, { timeout, interval: 20 }).toBeGreaterThan(before + count);
    return performance.now() - sinceMs;
  }

  async #live(): Promise<void> {
    const account: Account = { email: `${randomBytes(6).toString("hex")}@example.com`, sessions: [] };
    const credentials = { email: account.email, password };
    // Sent again, a sign-up that had happened says that the address is taken.
    await this.#send((url) => post(url, "/signup", credentials), [201, 409]);
    this.accounts.push(account);
    while (!this.#isOver) {
      const opened = await this.#send((url) => post(url, "/login", credentials), [200]);
      if (opened === undefined) return;
      const session: Account["sessions"][0] = { refreshToken: opened.refresh_token, state: "alive" };
      account.sessions.push(session);
      let token = opened.access_token;
      for (let renewal = 0; renewal < 3 && !this.#isOver; renewal += 1) {
        const renewed = await this.#send((url) => renew(url, session.refreshToken), [200]);
        if (renewed === undefined) return;
        session.refreshToken = renewed.refresh_token;
        token = renewed.access_token;
      }
      if (Math.random() < 0.5 || this.#isOver) continue;
      session.state = "uncertain";
      const last = token;
      if ((await this.#send((url) => post(url, "/logout", {}, last), [204])) === undefined) return;
      session.state = "logged_out";
    }
  }

  /** Asks one of the instances until it is answered with one of these, or the load is over. */
  async #send(
    ask: (url: string) => Promise<Response>,
    wanted: readonly number[],
  ): Promise<Tokens | undefined> {
    while (true) {
      const response = await ask(this.#urls[Math.floor(Math.random() * this.#urls.length)] ?? "");
      const text = await response.text();
      if (wanted.includes(response.status)) {
        this.acknowledged += 1;
        return (text === "" ? {} : JSON.parse(text)) as Tokens;
      }
      expect([response.url, response.status, text]).toEqual([response.url, 503, expect.any(String)]);
      this.refused += 1;
      if (this.#isOver) return undefined;
      await sleep(50);
    }
  }
}

/** Everything that was acknowledged is there, nothing that was ended lives, and nobody was taken for a thief. */
async function holdTo(load: Load, serverUrl: string, where: readonly string[]): Promise<void> {
  let looked = 0;
  for (const { sessions } of load.accounts) {
    for (const { refreshToken, state } of sessions) {
      if (state === "uncertain") continue;
      const renewed = await renew(serverUrl, refreshToken);
      await renewed.text();
      expect([state, renewed.status]).toEqual([state, state === "alive" ? 200 : 400]);
      looked += 1;
    }
  }
  expect(looked).toBeGreaterThan(0);
  expect(countersign("audit", "verify", ...where)).toMatchObject({ status: 0 });
  for (const event of ["renewal_reused", "renewal_from_future"]) {
    const listed = countersign("audit", "list", "--event", event, "--json", ...where);
    expect(listed).toMatchObject({ status: 0, stdout: "" });
  }
}

/** The limit is of the full run, on a machine that does nothing else. */
async function expectSoon(backMs: number, annotate: TestContext["annotate"]): Promise<void> {
  await annotate(`written again after ${Math.round(backMs)} ms`);
  if (isFull) expect(backMs).toBeLessThan(5000);
}

async function startInstance(dataDir: string, databaseUrl: string): Promise<string> {
  // All its people come from one address, and few of them log out.
  const wide = ["--signups-per-source", "1000000", "--guesses-per-source", "1000000"];
  wide.push("--max-sessions-per-user", "10000");
  const served = await startServed("--data-dir", dataDir, "--database", databaseUrl, ...wide);
  onTestFinished(() => void served.process.kill("SIGKILL"));
  return served.url;
}

/** Two instances, and people at both. `hold` ends with what was acknowledged, as the database at a URL has it. */
async function twoUnderLoad(
  databaseUrl: string,
): Promise<{ readonly load: Load; readonly hold: (at?: string) => Promise<void> }> {
  const dataDir = await newFolder();
  const url = await startInstance(dataDir, databaseUrl);
  const load = new Load([url, await startInstance(dataDir, databaseUrl)]);
  await load.more(60);
  return {
    load,
    hold: (at = databaseUrl) => holdTo(load, url, ["--data-dir", dataDir, "--database", at]),
  };
}

describe("several hosts in the URL of the database", { timeout: 300_000 }, () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair();
  }, 120_000);
  afterAll(() => pair.primary.destroy());

  test("a commit that is told not to wait for the standby is no success", async () => {
    const { primary, standby } = pair;
    const urlOf = await pair.newDatabase();
    const url = await startInstance(await newFolder(), urlOf(primary, standby));
    await standby.signal("SIGSTOP");
    const answer = post(url, "/signup", { email: "ada@example.com", password });
    const waiting = "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'";
    const cancelled = (): Promise<number> => primary.run(waiting).then((rows) => rows.length);
    await expect.poll(cancelled, { interval: 10, timeout: 60_000 }).toBe(1);
    expect((await answer).status).toBe(503);
    await standby.signal("SIGCONT");
  });

  test("a primary without a free connection says so, and is used again when it has one", async ({
    annotate,
  }) => {
    const { primary, standby } = pair;
    const urlOf = await pair.newDatabase();
    const url = await startInstance(await newFolder(), urlOf(primary, standby));
    const load = new Load([url], 2);
    await load.more(20);
    const connectionString = urlOf(primary).replace(/\?.*/, "");
    const admin = new pg.Client({ connectionString });
    await admin.connect();
    const takers: pg.Client[] = [];
    // Those that the instance has are cut, and whatever becomes free is taken.
    async function takeAll(): Promise<number> {
      await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'countersign'",
      );
      for (;;) {
        const client = new pg.Client({ connectionString });
        client.on("error", () => undefined);
        try {
          await client.connect();
        } catch {
          return (await fetch(`${url}/health/ready`)).status;
        }
        takers.push(client);
      }
    }
    await expect.poll(takeAll, { timeout: 60_000 }).toBe(503);
    // On a busy machine the load may have asked for nothing yet meanwhile.
    await expect.poll(() => load.refused, { timeout: 60_000 }).toBeGreaterThan(0);
    await admin.end();
    await Promise.all(takers.map((client) => client.end()));
    const backMs = await load.more(1);
    await load.more(20);
    await load.stop();
    await expectSoon(backMs, annotate);
  });

  test("the standby may be first, and takes over when the primary is killed under load", async ({
    annotate,
  }) => {
    const { primary, standby } = pair;
    const urlOf = await pair.newDatabase();
    const { load, hold } = await twoUnderLoad(urlOf(standby, primary));
    await primary.signal("SIGKILL");
    await sleep(1000);
    await standby.promote();
    const backMs = await load.more(1);
    await load.more(60);
    await load.stop();
    await expectSoon(backMs, annotate);
    expect(load.refused).toBeGreaterThan(0);
    await hold();
  });
});

describe.runIf(isFull)("a primary that cannot be reached", { timeout: 300_000 }, () => {
  let pair: Pair;
  beforeEach(async () => {
    pair = await startPair();
  }, 120_000);
  afterEach(() => pair.primary.destroy());

  test("a frozen primary is left, and not believed when it wakes up", async ({ annotate }) => {
    const { primary, standby } = pair;
    const urlOf = await pair.newDatabase();
    const { load, hold } = await twoUnderLoad(urlOf(primary, standby));
    await primary.signal("SIGSTOP");
    await sleep(1000);
    await standby.promote();
    const backMs = await load.more(1);
    await expectSoon(backMs, annotate);
    await sleep(frozenSeconds * 1000);
    await primary.signal("SIGCONT");
    await load.more(60);
    // With the new primary away for a moment, the old one would be next in the list.
    await standby.signal("SIGSTOP");
    await sleep(3000);
    await standby.signal("SIGCONT");
    await load.more(60);
    await load.stop();
    await hold(urlOf(standby));
  });

  test("a frozen primary that nobody replaces goes on where it was", async ({ annotate }) => {
    const { primary, standby } = pair;
    const urlOf = await pair.newDatabase();
    const dataDir = await newFolder();
    const databaseUrl = urlOf(primary, standby);
    const url = await startInstance(dataDir, databaseUrl);
    const load = new Load([url]);
    await load.more(60);
    // Who verifies, here or elsewhere, needs no database.
    const opened = await post(url, "/login", { email: load.accounts[0]?.email, password });
    const { access_token: token } = (await opened.json()) as Tokens;
    const verifier = createAccessVerifier({
      issuer: servedIssuer,
      audience: servedIssuer,
      jwksUri: `${url}/.well-known/jwks.json`,
      revocationsUri: `${url}/revocations`,
    });
    onTestFinished(() => verifier.close());
    await verifier.ready();
    await primary.signal("SIGSTOP");
    for (let second = 0; second < frozenSeconds; second += 1) {
      await sleep(1000);
      expect(await verifier.authenticate({ authorization: `Bearer ${token}` })).toMatchObject({
        roles: ["user"],
      });
      expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(200);
    }
    await primary.signal("SIGCONT");
    const backMs = await load.more(1);
    await load.more(60);
    await load.stop();
    await expectSoon(backMs, annotate);
    await holdTo(load, url, ["--data-dir", dataDir, "--database", databaseUrl]);
  });

  test("a network that swallows what goes to the primary leads to the one that was promoted", async ({
    annotate,
  }) => {
    const { primary, standby } = pair;
    const urlOf = await pair.newDatabase();
    const proxy = await startTcpProxy({ host: primary.host, port: primary.port });
    onTestFinished(() => proxy.close());
    const { load, hold } = await twoUnderLoad(urlOf({ host: "127.0.0.1", port: proxy.port }, standby));
    proxy.swallow();
    await sleep(1000);
    await standby.promote();
    const backMs = await load.more(1);
    await load.more(60);
    await load.stop();
    await expectSoon(backMs, annotate);
    await hold();
  });
});
