// The client in a real browser, against the real server.
import { createApp } from "@countersign/server";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { launchChromium } from "../../../scripts/chromium.ts";

type App = ReturnType<typeof createApp>;

const password = "tangerine violin ledger";
let browser: Browser;
let script = "";
let dataDir = "";
let app: App;
let origin = "";

// Browsers start slowly on a machine that is busy.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  const input = fileURLToPath(new URL("browser-page.ts", import.meta.url));
  const bundle = await rolldown({ input, platform: "browser" });
  const { output } = await bundle.generate({ format: "esm" });
  script = output[0].code;
  browser = await launchChromium();
  dataDir = mkdtempSync(join(tmpdir(), "countersign-"));
  app = await startServer({ dataDir });
  origin = `http://127.0.0.1:${portOf(app)}`;
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await app?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

interface ServerOptions {
  readonly dataDir: string;
  readonly port?: number;
  readonly allowedOrigins?: readonly string[];
}

/** The server with a page of its own. */
async function startServer({ port = 0, ...given }: ServerOptions): Promise<App> {
  const options = { issuer: "http://127.0.0.1", renewalsPerMinute: null, ...given };
  const started = createApp(options, { logger: false });
  await started.register(async (scope) => {
    scope.get("/page", async (_request, reply) =>
      reply
        .header("content-security-policy", "default-src 'self'; connect-src *")
        .type("text/html")
        .send('<script type="module" src="/page.js"></script>'),
    );
    scope.get("/page.js", async (_request, reply) => reply.type("text/javascript").send(script));
    scope.get("/moved", async (_request, reply) => reply.redirect("/me"));
  });
  await started.listen({ host: "127.0.0.1", port });
  return started;
}

interface Tab {
  readonly page: Page;
  /** What an expression gives, or the name of the error that it fails with. */
  run(expression: string): Promise<unknown>;
}

/** The tabs of a new person's browser. */
async function newPerson(): Promise<{ email: string; credentials: string; context: BrowserContext }> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const email = `${randomUUID()}@example.com`;
  return { email, credentials: JSON.stringify({ email, password }), context };
}

async function openTab(context: BrowserContext, query = "", at = origin): Promise<Tab> {
  const page = await context.newPage();
  const load = `${at}/page?${query}`;
  await page.goto(load);
  await becomesTrue(page, "globalThis.client !== undefined");
  return { page, run: (expression) => run(page, expression) };
}

/** Asked from outside: a condition that the page itself polls is `eval`, which its policy forbids. */
async function becomesTrue(page: Page, condition: string): Promise<void> {
  await expect.poll(() => page.evaluate(condition), { timeout: 60_000 }).toBe(true);
}

function run(page: Page, expression: string): Promise<unknown> {
  return page.evaluate(`(async () => {
    try { return await (${expression}); } catch (error) { return error.name; }
  })()`);
}

/**
 * No task of the page runs until it is woken: its next line of script waits in the debugger.
 * Chromium itself freezes hidden pages alone, and without a screen none is hidden.
 */
async function freeze(page: Page): Promise<() => Promise<void>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Debugger.enable");
  await devtools.send("Debugger.pause");
  return () => devtools.detach();
}

/** What one tab writes, another process reads moments later; the tab hears of it then. */
const hearsOf = (type: string): string => `heard.at(-1)?.type === "${type}"`;

const me = "client.getUser().then((user) => user?.email)";

describe("two tabs of one browser", () => {
  test("that race for every renewal both stay logged in", async () => {
    const { context, email, credentials } = await newPerson();
    const [first, second] = [await openTab(context), await openTab(context)];
    const tabs = [first, second];
    await first.run(`client.signup(${credentials})`);
    await first.run(`client.login(${credentials})`);
    await becomesTrue(second.page, hearsOf("login"));
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(tabs.map((tab) => tab.run("(ahead.seconds += 600)")));
      if (round % 4 === 3) await Promise.all(tabs.map(({ page }) => page.reload()));
      const calls = tabs.flatMap((tab) => [tab.run(me), tab.run(me), tab.run(me)]);
      expect(await Promise.all(calls)).toEqual(Array(6).fill(email));
    }
    expect(await second.run("client.sessions().then((sessions) => sessions.length)")).toBe(1);
  });

  test("hear of a log-out at once, also a tab that was asleep", async () => {
    const { context, credentials } = await newPerson();
    const [first, second, asleep] = [await openTab(context), await openTab(context), await openTab(context)];
    await first.run(`client.signup(${credentials})`);
    await first.run(`client.login(${credentials})`);
    await becomesTrue(second.page, hearsOf("login"));
    await becomesTrue(asleep.page, hearsOf("login"));
    const wake = await freeze(asleep.page);
    expect(await first.run("client.logout()")).toBeUndefined();
    await becomesTrue(second.page, "heard.at(-1)?.reason === 'elsewhere'");
    await wake();
    await becomesTrue(asleep.page, "heard.at(-1)?.reason === 'elsewhere'");
    expect(await asleep.run("client.fetch('me')")).toBe("NotLoggedInError");
  });

  test.each(["local", "cookie"])("with two accounts do not become each other (%s)", async (storage) => {
    const { context, email: ada, credentials: asAda } = await newPerson();
    const { credentials: asBob, email: bob } = await newPerson();
    const query = `storage=${storage}`;
    const [first, second] = [await openTab(context, query), await openTab(context, query)];
    await first.run(`client.signup(${asAda})`);
    await first.run(`client.signup(${asBob})`);
    await first.run(`client.login(${asAda})`);
    await becomesTrue(second.page, hearsOf("login"));
    expect(await second.run(me)).toBe(ada);
    await second.run(`client.login(${asBob})`);
    await becomesTrue(first.page, hearsOf("other_account"));
    expect(await first.run(me)).toBe("AccountChangedError");
    expect(await first.run("client.fetch('me', { method: 'DELETE' })")).toBe("AccountChangedError");
    expect(await second.run(me)).toBe(bob);
    await first.page.reload();
    expect(await first.run(me)).toBe(bob);
  });
});

describe("a tab that was frozen with its turn in hand", () => {
  test("keeps no other tab waiting for long, and goes on when it wakes", async () => {
    const { context, email, credentials } = await newPerson();
    const [frozen, other] = [await openTab(context), await openTab(context)];
    await frozen.run(`client.signup(${credentials})`);
    await frozen.run(`client.login(${credentials})`);
    await becomesTrue(other.page, hearsOf("login"));
    const asked = new Promise<void>((resolve) => {
      // Its request hangs until the tab sleeps.
      void frozen.page.route("**/token", () => resolve(), { times: 1 });
    });
    await frozen.page.reload();
    const waiting = frozen.run(me);
    await asked;
    const wake = await freeze(frozen.page);
    expect(await other.run(me)).toBe(email);
    await wake();
    expect(await waiting).toBe("NetworkError");
    expect(await frozen.run(me)).toBe(email);
    expect(await other.run(me)).toBe(email);
  });
});

test("a lost reply costs nothing", async () => {
  const { context, email, credentials } = await newPerson();
  const tab = await openTab(context);
  await tab.run(`client.signup(${credentials})`);
  await tab.run(`client.login(${credentials})`);
  let lost = 0;
  await tab.page.route(
    "**/token",
    async (route) => {
      expect((await route.fetch()).status()).toBe(200);
      lost += 1;
      await route.abort("connectionreset");
    },
    { times: 2 },
  );
  await tab.page.reload();
  expect(await tab.run(me)).toBe("NetworkError");
  expect(await tab.run(me)).toBe("NetworkError");
  expect(lost).toBe(2);
  expect(await tab.run(me)).toBe(email);
});

test("a server that restarts is told from one that refuses, and the login goes on", async () => {
  const { context, email, credentials } = await newPerson();
  const tab = await openTab(context);
  await tab.run(`client.signup(${credentials})`);
  await tab.run(`client.login(${credentials})`);
  await app.close();
  expect(await tab.run(me)).toBe("NetworkError");
  app = await startServer({ dataDir, port: Number(new URL(origin).port) });
  expect(await tab.run(me)).toBe(email);
  expect(await tab.run("client.login({ email: 'nobody@example.com', password: 'x' })")).toBe("ApiError");
});

test("an API that redirects is told from one that cannot be reached", async () => {
  const { context, credentials } = await newPerson();
  const tab = await openTab(context);
  await tab.run(`client.signup(${credentials})`);
  await tab.run(`client.login(${credentials})`);
  expect(await tab.run("client.fetch('moved')")).toBe("RedirectError");
});

test.each(["local", "cookie"])("a log-out without a network holds when it is back (%s)", async (storage) => {
  const { context, credentials } = await newPerson();
  const tab = await openTab(context, `storage=${storage}`);
  await tab.run(`client.signup(${credentials})`);
  await tab.run(`client.login(${credentials})`);
  await context.setOffline(true);
  expect(await tab.run("client.logout()")).toBe("NetworkError");
  expect(await tab.run(me)).toBeUndefined();
  await context.setOffline(false);
  expect(await tab.run(me)).toBeUndefined();
  await tab.page.reload();
  expect(await tab.run(me)).toBeUndefined();
});

describe("a page of another origin", () => {
  async function openForeignTab(query: string): Promise<{ tab: Tab; email: string; credentials: string }> {
    const { context, email, credentials } = await newPerson();
    const foreignDir = mkdtempSync(join(tmpdir(), "countersign-"));
    const api = await startServer({ dataDir: foreignDir, allowedOrigins: [origin] });
    onTestFinished(async () => {
      await api.close();
      rmSync(foreignDir, { recursive: true });
    });
    const tab = await openTab(context, `${query}&api=http://127.0.0.1:${portOf(api)}`);
    await tab.run(`client.signup(${credentials})`);
    return { tab, email, credentials };
  }

  test.each(["memory", "local", "cookie"])("logs in, calls and logs out (%s)", async (storage) => {
    const { tab, email, credentials } = await openForeignTab(`storage=${storage}`);
    expect(await tab.run("client.login({ email: 'nobody@example.com', password: 'x' })")).toBe("ApiError");
    await tab.run(`client.login(${credentials})`);
    expect(await tab.run(me)).toBe(email);
    await tab.run("(ahead.seconds += 600)");
    expect(await tab.run("client.fetch('me').then(({ status }) => status)")).toBe(200);
    expect(await tab.run("client.logout()")).toBeUndefined();
    expect(await tab.run(me)).toBeUndefined();
    expect(await tab.run("client.fetch('me')")).toBe("NotLoggedInError");
  });

  test.each(["www-authenticate", ""])(
    "renews a token that is refused, also where it may not read why (%j)",
    async (exposed) => {
      const { tab, email, credentials } = await openForeignTab("storage=memory");
      await tab.run(`client.login(${credentials})`);
      const headers = {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": exposed,
        "www-authenticate": 'Bearer error="invalid_token"',
      };
      await tab.page.route("**/me", (route) => route.fulfill({ status: 401, headers }), { times: 1 });
      expect(await tab.run(me)).toBe(email);
    },
  );
});

function portOf(running: App): number {
  return (running.server.address() as { port: number }).port;
}
