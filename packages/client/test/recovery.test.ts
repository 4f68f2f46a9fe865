// The verbs for a forgotten password and for confirming an address against the real server, whose mail is read at GET /dev/mail.
import { createApp } from "@countersign/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changeEmail, requestEmailVerification, undoEmailChange, verifyEmail } from "../src/email.ts";
import { createClient, type DevMailMessage, type DevMailResponse } from "../src/index.ts";
import { disownLogin, requestPasswordReset, resetPassword } from "../src/recovery.ts";

const email = "ada@example.com";
let app: ReturnType<typeof createApp>;
let baseUrl = "";

beforeAll(async () => {
  const masterKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  const options = { issuer: "http://127.0.0.1", databaseUrl: "sqlite::memory:", masterKey, devMail: true };
  app = createApp(options, { logger: false });
  baseUrl = await app.listen({ host: "127.0.0.1", port: 0 });
});

afterAll(() => app.close());

async function lastMail(to: string): Promise<DevMailMessage | undefined> {
  const { messages } = (await (await fetch(`${baseUrl}/dev/mail`)).json()) as DevMailResponse;
  return messages.find((message) => message.to === to);
}

const codeMailed = async (): Promise<string | undefined> => (await lastMail(email))?.codes[0];

test("a code that was mailed sets a new password, once, and logs nobody in", async () => {
  const client = createClient({ baseUrl });
  await client.signup({ email, password: "tangerine violin ledger" });
  await requestPasswordReset({ baseUrl }, email);
  await expect.poll(codeMailed, { timeout: 20_000 }).toBeDefined();
  const code = (await codeMailed()) ?? "";
  const newPassword = "another violin ledger";
  await expect(resetPassword({ baseUrl }, { email, code, newPassword: "short" })).rejects.toMatchObject({
    code: "password_too_short",
  });
  expect(await resetPassword({ baseUrl }, { email, code, newPassword })).toHaveLength(100);
  await expect(resetPassword({ baseUrl }, { email, code, newPassword })).rejects.toMatchObject({
    code: "code_invalid",
  });
  expect(await client.getUser()).toBeUndefined();
  await client.login({ email, password: newPassword });
});

test("an address without an account is answered alike, and text that is no address is refused", async () => {
  await requestPasswordReset({ baseUrl }, "nobody@example.com");
  await expect(requestPasswordReset({ baseUrl }, "nobody")).rejects.toMatchObject({ code: "email_invalid" });
});

test("an address is confirmed by a client that is logged in, by a password, or at the price of the password", async () => {
  const password = "tangerine violin ledger";
  for (const [name, voids] of [
    ["grace", false],
    ["joan", false],
    ["eve", true],
  ] as const) {
    const address = `${name}@example.com`;
    const client = createClient({ baseUrl });
    await client.signup({ email: address, password });
    await client.login({ email: address, password });
    await requestEmailVerification({ baseUrl }, address);
    const codeOf = async () => (await lastMail(address))?.codes[0];
    await expect.poll(codeOf, { timeout: 20_000 }).toBeDefined();
    const secret = { email: address, code: (await codeOf()) ?? "" };
    const voided =
      name === "grace"
        ? await verifyEmail(client, secret)
        : await verifyEmail({ baseUrl }, name === "joan" ? { ...secret, password } : secret);
    expect(voided).toBe(voids);
  }
});

test("an address is changed by who is logged in, confirmed at the new one, and had back by the old one", async () => {
  const password = "tangerine violin ledger";
  const [before, after] = ["vera@example.com", "vera.new@example.com"];
  const client = createClient({ baseUrl });
  await client.signup({ email: before, password });
  await client.login({ email: before, password });
  const tokenFor = async (to: string, page: string): Promise<string | undefined> => {
    const link = (await lastMail(to))?.links.find((each) => each.includes(`/${page}#token=`));
    return link?.split("#token=")[1];
  };
  const tokenOf = async (to: string, page: string): Promise<string> => {
    await expect.poll(() => tokenFor(to, page), { timeout: 20_000 }).toBeDefined();
    return (await tokenFor(to, page)) ?? "";
  };
  await requestEmailVerification({ baseUrl }, before);
  await verifyEmail(client, { token: await tokenOf(before, "verify") });
  await expect(
    changeEmail(client, { newEmail: after, currentPassword: "another violin ledger" }),
  ).rejects.toMatchObject({ code: "invalid_credentials" });
  await changeEmail(client, { newEmail: after, currentPassword: password });
  await verifyEmail(client, { token: await tokenOf(after, "verify") });
  expect((await client.getUser())?.email).toBe(after);
  const undo = await tokenOf(before, "undo");
  await undoEmailChange({ baseUrl }, undo);
  await expect(undoEmailChange({ baseUrl }, undo)).rejects.toMatchObject({ code: "code_invalid" });
  await expect(client.login({ email: before, password })).rejects.toMatchObject({
    code: "invalid_credentials",
  });
});

test("a login that its owner does not know is ended by them", async () => {
  const [address, secret] = ["mary@example.com", "tangerine violin ledger"];
  const own = createClient({ baseUrl });
  await own.signup({ email: address, password: secret });
  await own.login({ email: address, password: secret });
  const stranger = createClient({ baseUrl });
  await stranger.login({ email: address, password: secret });
  const linkOf = async () => (await lastMail(address))?.links[0];
  await expect.poll(linkOf, { timeout: 20_000 }).toContain("/not-me#token=");
  await disownLogin({ baseUrl }, (await linkOf())?.split("#token=")[1] ?? "");
  expect((await stranger.fetch("me")).status).toBe(401);
  expect((await own.getUser())?.email).toBe(address);
});
