// Passkeys from end to end: a real Chromium, with the authenticator that it has for tests.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AddedPasskeyResponse, TokenResponse } from "@countersign/client";
import { expect, onTestFinished, test } from "vitest";
import { launchChromium } from "../../../../scripts/chromium.ts";
import { newAccount, newApp, password } from "../app.ts";

/** A free port, as the issuer's URL must be known before the server listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a page has of ours: asks, lets the browser answer, and sends that. */
const script = `
  const ask = async (url, body, token, method = "POST") => {
    const headers = { "content-type": "application/json", ...(token && { authorization: "Bearer " + token }) };
    // A token and a session's cookie together are refused.
    const credentials = token ? "omit" : "same-origin";
    const answer = await fetch(url, { method, headers, credentials, body: JSON.stringify(body) });
    return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
  };
  const made = async (options) => (await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON();
  const shown = async (options, mediation) => (await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), mediation })).toJSON();
`;

interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

test("PK-01: Chromium makes a passkey, logs in with it by itself, as the second half, and from a form's suggestions", async () => {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const app = newApp({ issuer });
  app.get("/page", (_request, reply) =>
    reply
      .header("content-security-policy", "default-src 'self'")
      .type("text/html")
      .send("<!doctype html><title>A page</title><input autocomplete='username webauthn'>"),
  );
  onTestFinished(() => app.close());
  await app.listen({ port, host: "127.0.0.1" });
  await newAccount(app);

  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const context = await browser.newContext();
  const page = await context.newPage();
  const devices = await context.newCDPSession(page);
  await devices.send("WebAuthn.enable");
  await devices.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${issuer}/page`);
  const run = <Body>(code: string): Promise<Answer<Body>> =>
    page.evaluate(`(async () => { ${script}\n${code} })()`);
  const login = JSON.stringify({ email: "ada@example.com", password });

  const added = await run<AddedPasskeyResponse>(`
    const { body: { access_token } } = await ask("/login", ${login});
    const { body } = await ask("/me/passkeys/options", {}, access_token);
    return ask("/me/passkeys", { response: await made(body), name: "Chromium" }, access_token);
  `);
  expect(added).toMatchObject({ status: 201, body: { passkey: { name: "Chromium" } } });
  expect(added.body.recovery_codes).toHaveLength(10);

  const alone = await run<TokenResponse>(`
    const { body } = await ask("/login/passkey/options");
    return ask("/login/passkey", { response: await shown(body) });
  `);
  expect(alone.status).toBe(200);
  const claims = JSON.parse(
    Buffer.from(alone.body.access_token.split(".")[1] ?? "", "base64url").toString(),
  ) as object;
  expect(claims).toMatchObject({ acr: "aal2", amr: ["pop", "user", "mfa"] });

  const half = await run<TokenResponse>(`
    const { body: { login_challenge } } = await ask("/login", ${login});
    const { body } = await ask("/login/passkey/options", { login_challenge });
    return ask("/login/factor", { login_challenge, factor: "passkey", response: await shown(body) });
  `);
  expect(half.status).toBe(200);

  const suggested = await run<null>(`
    const { body } = await ask("/login/passkey/options");
    return ask("/login/passkey", { response: await shown(body, "conditional"), carrier: "cookie" });
  `);
  expect(suggested.status).toBe(204);
  expect((await context.cookies()).map(({ name }) => name)).toContain("__Host-session");

  const removed = await run<null>(`
    return ask("/me/passkeys/" + ${JSON.stringify(added.body.passkey.id)}, {}, ${JSON.stringify(alone.body.access_token)}, "DELETE");
  `);
  expect(removed.status).toBe(204);
  const gone = await run<{ code: string }>(`
    const { body } = await ask("/login/passkey/options");
    return ask("/login/passkey", { response: await shown(body) });
  `);
  expect(gone).toMatchObject({ status: 401, body: { code: "passkey_invalid" } });
}, 120_000);
