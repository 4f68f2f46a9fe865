// The verbs of passkeys in a real browser with the authenticator that it has for tests, against the real server.
import { createApp, type CountersignOptions } from "@countersign/server";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, CDPSession, Page } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { launchChromium } from "../../../scripts/chromium.ts";
import { createClient, type PasskeyResponse } from "../src/index.ts";
import {
  addPasskey,
  hasPasskeys,
  loginWithPasskey,
  PasskeyError,
  suggestsPasskeys,
} from "../src/passkeys.ts";

const password = "tangerine violin ledger";
let app: ReturnType<typeof createApp>;
let browser: Browser;
let origin = "";

// Browsers start slowly on a machine that is busy.
vi.setConfig({ testTimeout: 180_000 });

beforeAll(async () => {
  const input = fileURLToPath(new URL("passkey-page.ts", import.meta.url));
  const bundle = await rolldown({ input, platform: "browser" });
  const { output } = await bundle.generate({ format: "esm" });
  browser = await launchChromium();
  // The issuer has to be known before the server listens, and to be a name: browsers have no passkeys for addresses.
  const port = await freePort();
  origin = `http://localhost:${port}`;
  const options: CountersignOptions = {
    issuer: origin,
    databaseUrl: "sqlite::memory:",
    masterKey: randomBytes(32).toString("base64url"),
  };
  app = createApp(options, { logger: false });
  await app.register(async (scope) => {
    scope.get("/page", async (_request, reply) =>
      reply
        .header("content-security-policy", "default-src 'self'")
        .type("text/html")
        .send('<input autocomplete="username webauthn"><script type="module" src="/page.js"></script>'),
    );
    scope.get("/page.js", async (_request, reply) => reply.type("text/javascript").send(output[0].code));
  });
  await app.listen({ port, host: "127.0.0.1" });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await app?.close();
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, "127.0.0.1"), "listening");
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

interface Device {
  readonly page: Page;
  /** What an expression gives, or the name, the problem and the code of the error that it fails with. */
  readonly run: <Value>(expression: string) => Promise<Value>;
  /** Whether the person shows that they are there. */
  readonly setPresence: (isThere: boolean) => Promise<void>;
}

/** A browser of somebody new, who has an account and is logged in to it. */
async function newPerson(): Promise<Device & { readonly login: string }> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const devtools: CDPSession = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${origin}/page`);
  await expect.poll(() => page.evaluate("globalThis.passkeys !== undefined"), { timeout: 60_000 }).toBe(true);
  const run = <Value>(expression: string): Promise<Value> =>
    page.evaluate(`(async () => {
      try { return await (${expression}); }
      catch (error) { return [error.name, error.problem ?? error.code ?? error.message].join(" "); }
    })()`);
  const login = JSON.stringify({ email: `${randomUUID()}@example.com`, password });
  await run(`client.signup(${login})`);
  await run(`client.login(${login})`);
  return {
    page,
    run,
    login,
    setPresence: (enabled) =>
      devtools
        .send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled })
        .then(() => undefined),
  };
}

const me = "client.getUser().then((user) => user?.email)";
const list = "passkeys.listPasskeys(client)";

test("a passkey is made, named, found in the list, and removed by whoever is logged in", async () => {
  const { run } = await newPerson();
  expect(await run("passkeys.hasPasskeys()")).toBe(true);
  expect(await run(list)).toEqual([]);
  const added = await run<{ passkey: PasskeyResponse; recovery_codes: string[] }>(
    "passkeys.addPasskey(client, { name: 'Laptop' })",
  );
  expect(added.passkey.name).toBe("Laptop");
  expect(added.recovery_codes).toHaveLength(10);
  const id = JSON.stringify(added.passkey.id);
  // The session knows of one factor, and the account can show two.
  expect(await run("passkeys.addPasskey(client)")).toBe("ApiError factor_missing");
  await run("passkeys.loginWithPasskey(client, tokens)");
  expect(await run("passkeys.addPasskey(client)")).toBe("PasskeyError exists");
  // By which its next login is that of a known device, until it is to be forgotten.
  const kept = "Object.entries(localStorage).find(([name]) => name.endsWith('device.-'))?.[1]";
  expect(await run(kept)).toHaveLength(100);
  await run("passkeys.loginWithPasskey(client, tokens)");
  expect(await run(kept)).toHaveLength(100);
  expect(await run(`passkeys.renamePasskey(client, ${id}, "Phone")`)).toMatchObject({ name: "Phone" });
  expect(await run(list)).toMatchObject([{ id: added.passkey.id, name: "Phone" }]);
  expect(await run(`passkeys.removePasskey(client, ${id}, { currentPassword: "wrong" })`)).toBe(
    "ApiError invalid_credentials",
  );
  const given = JSON.stringify({ currentPassword: password });
  expect(await run(`passkeys.removePasskey(client, ${id}, ${given})`)).toBeUndefined();
  expect(await run(list)).toEqual([]);
  expect(await run(`passkeys.removePasskey(client, ${id})`)).toBe("ApiError not_found");
});

test("it logs in alone by tokens and by a cookie, as the second half, and from what a field suggests", async () => {
  const { run, login } = await newPerson();
  const email = await run<string>(me);
  await run("passkeys.addPasskey(client)");
  await run("client.logout()");
  expect(await run("passkeys.loginWithPasskey(client, tokens)")).toMatchObject({ token_type: "Bearer" });
  expect(await run(me)).toBe(email);

  await run("client.logout()");
  await run(`challengeOf(client.login(${login})).then((it) => globalThis.loginChallenge = it)`);
  expect(await run(me)).toBeUndefined();
  await run("passkeys.loginWithPasskeyAsFactor(client, tokens, { loginChallenge })");
  expect(await run(me)).toBe(email);
  expect(await run("passkeys.loginWithPasskeyAsFactor(client, tokens, { loginChallenge })")).toMatch(
    /^ApiError (login_challenge_invalid|invalid_request)$/,
  );

  await run("client.logout()");
  await run("passkeys.loginWithPasskey(client, tokens, { suggested: true })");
  expect(await run(me)).toBe(email);

  expect(await run("passkeys.loginWithPasskey(cookieClient, cookies)")).toBeUndefined();
  expect(await run("cookieClient.getUser().then((user) => user?.email)")).toBe(email);
});

test("a question that nobody answers ends with its signal, or with the next one", async () => {
  const { run, setPresence } = await newPerson();
  await run("passkeys.addPasskey(client)");
  await setPresence(false);
  await run("globalThis.leaving = new AbortController()");
  const waits = run(`passkeys.loginWithPasskey(client, tokens, { signal: leaving.signal })`);
  await run("leaving.abort(new TypeError('left'))");
  expect(await waits).toBe("TypeError left");
  expect(await run(`passkeys.loginWithPasskey(client, tokens, { signal: leaving.signal })`)).toBe(
    "TypeError left",
  );

  expect(await run("passkeys.suggestsPasskeys()")).toBe(true);
  const suggested = run("passkeys.loginWithPasskey(client, tokens, { suggested: true })");
  await run("globalThis.leaving = new AbortController()");
  const next = run("passkeys.loginWithPasskey(client, tokens, { signal: leaving.signal })");
  expect(await suggested).toBe("PasskeyError dismissed");
  await run("leaving.abort(new TypeError('left'))");
  expect(await next).toBe("TypeError left");
});

test("suggestions go on with a new challenge when the old one is about to be too old", async () => {
  const { run, setPresence, page } = await newPerson();
  const email = await run<string>(me);
  await run("passkeys.addPasskey(client)");
  await run("client.logout()");
  await setPresence(false);
  let asked = 0;
  await page.route("**/login/passkey/options", async (route) => {
    asked += 1;
    const isLast = asked === 3;
    // The browser's authenticator answers what is asked from then on, and nothing that it was asked before.
    if (isLast) await setPresence(true);
    const response = await route.fetch();
    const options = (await response.json()) as object;
    await route.fulfill({ response, json: isLast ? options : { ...options, timeout: 100 } });
  });
  const suggested = run<object>("passkeys.loginWithPasskey(client, tokens, { suggested: true })");
  expect(await suggested).toMatchObject({ token_type: "Bearer" });
  expect(asked).toBe(3);
  expect(await run(me)).toBe(email);
});

test("a passkey that the server does not know any more is refused, and a page of another domain has none", async () => {
  const { run, page } = await newPerson();
  await run("passkeys.addPasskey(client)");
  await run("passkeys.loginWithPasskey(client, tokens)");
  await run(`${list}.then(([passkey]) => passkeys.removePasskey(client, passkey.id))`);
  await run("client.logout()");
  expect(await run("passkeys.loginWithPasskey(client, tokens)")).toBe("ApiError passkey_invalid");
  expect(await run(me)).toBeUndefined();

  await page.goto(`${origin.replace("localhost", "127.0.0.1")}/page`);
  expect(await run("passkeys.loginWithPasskey(client, tokens)")).toBe("PasskeyError unavailable");
});

test("where there is no browser there are no passkeys, and nothing is sent for one", async () => {
  expect(hasPasskeys()).toBe(false);
  expect(await suggestsPasskeys()).toBe(false);
  const nobody = async (): Promise<never> => expect.unreachable();
  const server = { baseUrl: origin, fetch: nobody };
  await expect(loginWithPasskey(createClient(server), server)).rejects.toThrow(PasskeyError);
  await expect(addPasskey({ fetch: nobody })).rejects.toMatchObject({ problem: "unavailable" });
});
