// The client against the real server, in Node.
import { createApp } from "@countersign/server";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiError, type Client, createClient, webStorage } from "../src/index.ts";
import { changePassword } from "../src/password.ts";
import { stepUp } from "../src/step-up.ts";
import { sharedArea } from "./shared-area.ts";

const password = "tangerine violin ledger";
let app: ReturnType<typeof createApp>;
let baseUrl = "";

beforeAll(async () => {
  const masterKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  const options = { issuer: "http://127.0.0.1", databaseUrl: "sqlite::memory:", masterKey };
  app = createApp(options, { logger: false });
  baseUrl = await app.listen({ host: "127.0.0.1", port: 0 });
});

afterAll(() => app.close());

/** As many devices as asked for, all logged in to one new account. */
async function devices(count: number): Promise<{ clients: Client[]; email: string }> {
  const email = `${randomUUID()}@example.com`;
  const clients = Array.from({ length: count }, () => createClient({ baseUrl }));
  await clients[0]?.signup({ email, password });
  for (const client of clients) await client.login({ email, password });
  return { clients, email };
}

const emails = (clients: readonly Client[]): Promise<(string | undefined)[]> =>
  Promise.all(clients.map(async (client) => (await client.getUser())?.email));

test("a login shows whose it is and where the account is logged in", async () => {
  const { clients, email } = await devices(2);
  expect(await emails(clients)).toEqual([email, email]);
  const sessions = await clients[0]?.sessions();
  expect(sessions?.map(({ kind }) => kind)).toEqual(["token", "token"]);
  expect(sessions?.filter(({ current }) => current)).toHaveLength(1);
});

test("a log-out ends this session, the others, or all", async () => {
  const { clients, email } = await devices(5);
  await clients[0]?.logout();
  expect(await emails(clients)).toEqual([undefined, email, email, email, email]);
  await clients[1]?.logout("others");
  expect(await emails(clients)).toEqual([undefined, email, undefined, undefined, undefined]);
  await clients[4]?.login({ email, password });
  await clients[4]?.logout({ scope: "all" });
  expect(await emails(clients)).toEqual(Array(5).fill(undefined));
});

test("a session that was ended elsewhere is over at the next call, which hears 401 once", async () => {
  const { clients } = await devices(2);
  const [first, second] = clients;
  const heard: unknown[] = [];
  second?.onChange((change) => heard.push(change));
  await first?.logout("others");
  expect((await second?.fetch("me"))?.status).toBe(401);
  await expect(second?.fetch("me")).rejects.toMatchObject({ name: "NotLoggedInError" });
  expect(heard).toEqual([{ type: "logout", reason: "ended" }]);
});

test("a refresh token that was tampered with logs out, and ends nobody's session", async () => {
  const { clients, email } = await devices(1);
  const name = randomUUID();
  const items = new Map<string, string>();
  const client = createClient({ baseUrl, storage: webStorage(sharedArea(items), name) });
  await client.login({ email, password });
  const key = `${name}.login`;
  items.set(key, (items.get(key) ?? "").replace(/^\S{8}/, "AAAAAAAA"));
  const reloaded = createClient({ baseUrl, storage: webStorage(sharedArea(items), name) });
  expect(await reloaded.getUser()).toBeUndefined();
  expect(items.has(key)).toBe(false);
  expect(await emails(clients)).toEqual([email]);
});

test("a new password logs out every other device, and this one goes on, known as before", async () => {
  const { clients, email } = await devices(2);
  const [, other] = clients;
  const items = new Map<string, string>();
  const name = randomUUID();
  const page = (): Client => createClient({ baseUrl, storage: webStorage(sharedArea(items), name) });
  const [client, anotherTab] = [page(), page()];
  await client.login({ email, password });
  const deviceToken = (): string => [...items].find(([key]) => key.includes(".device."))?.[1] ?? "";
  const before = deviceToken();
  expect(before).toMatch(/^[\w-]{100}$/);
  const newPassword = "marble anchor thursday";
  const wrong = changePassword(client, { currentPassword: "not the password", newPassword });
  await expect(wrong).rejects.toMatchObject({ name: "ApiError", status: 403, code: "invalid_credentials" });
  expect(await emails([client])).toEqual([email]);
  await changePassword(client, { currentPassword: password, newPassword });
  expect(await emails([client, anotherTab])).toEqual([email, email]);
  expect(await other?.getUser()).toBeUndefined();
  expect(deviceToken()).not.toBe(before);

  // Guesses at the address close it to devices that are not known.
  const stranger = createClient({ baseUrl });
  const guess = (): Promise<unknown> =>
    stranger.login({ email, password: "not the password" }).catch(({ code }: ApiError) => code);
  while ((await guess()) !== "too_many_attempts") continue;
  await client.logout();
  await client.login({ email, password: newPassword });
  await client.logout({ forget: true });
  await expect(client.login({ email, password: newPassword })).rejects.toMatchObject({
    code: "too_many_attempts",
  });
});

test("a step-up raises this login in all its tabs, once it is renewed, and leaves other devices as they are", async () => {
  const { email } = await devices(1);
  const area = sharedArea();
  const [client, anotherTab] = [1, 2].map(() => createClient({ baseUrl, storage: webStorage(area) }));
  const other = createClient({ baseUrl });
  if (client === undefined || anotherTab === undefined) throw new TypeError("no tabs");
  await client.login({ email, password });
  await other.login({ email, password });
  const claimsOf = (token = "") =>
    JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
  const before = claimsOf(await client.getAccessToken());
  await expect(stepUp(client, { factor: "password", password: "not the password" })).rejects.toMatchObject({
    code: "invalid_credentials",
  });
  const [first] = await Promise.all([1, 2].map(() => stepUp(client, { factor: "password", password })));
  const raised = claimsOf(first?.access_token);
  expect(raised).toMatchObject({ sid: before["sid"], amr: ["pwd"] });
  expect(raised["auth_time"]).toBeGreaterThan(Number(before["auth_time"]));
  expect(await emails([client, anotherTab, other])).toEqual([email, email, email]);
});

test("errors carry the server's code, sentence and request id, and no password", async () => {
  const client = createClient({ baseUrl });
  const { email } = await devices(1);
  const wrong = await client
    .login({ email, password: "not the password" })
    .catch((thrown: unknown) => thrown);
  expect(wrong).toMatchObject({ name: "ApiError", status: 401, code: "invalid_credentials" });
  expect(JSON.stringify(wrong) + String(wrong)).not.toContain("not the password");
  await expect(client.signup({ email, password })).rejects.toMatchObject({
    status: 409,
    code: "email_taken",
  });
  await expect(client.signup({ email: "x", password })).rejects.toMatchObject({ code: "email_invalid" });
});
