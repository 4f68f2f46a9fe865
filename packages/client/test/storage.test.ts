// What a client keeps, in storages that work, that fail, and that hold rubbish.
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Change, createClient, NotLoggedInError, webStorage } from "../src/index.ts";
import { reply, type ScriptedServer, startScriptedServer, tokensOf } from "./scripted-server.ts";
import { sharedArea } from "./shared-area.ts";

const person = { email: "ada@example.com", password: "tangerine violin ledger" };
let server: ScriptedServer;
let nowMs = 1_800_000_000_000;

beforeEach(async () => {
  server = await startScriptedServer();
});

afterEach(() => server.close());

const clientWith = (storage: ReturnType<typeof webStorage>): ReturnType<typeof createClient> =>
  createClient({ baseUrl: server.origin, storage, nowMs: () => nowMs });

const full = (): never => {
  throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
};

describe("a storage that fails", () => {
  test.each([
    ["throws when it is written to", { setItem: full }],
    ["keeps nothing", { setItem: () => undefined }],
    ["throws when it is read", { getItem: full }],
    ["does nothing but throw", { getItem: full, setItem: full, removeItem: full }],
  ])("and %s is replaced by memory, and the client says so", async (_what, broken) => {
    const client = clientWith(webStorage({ ...sharedArea(), ...broken }, randomUUID()));
    const changes: Change[] = [];
    client.onChange((change) => changes.push(change));
    await client.login(person);
    expect(changes.map(({ type }) => type)).toEqual(["storage_failed", "login"]);
    nowMs += 600_000;
    expect(await client.getAccessToken()).toMatch(/access2$/);
    nowMs += 600_000;
    expect(await client.getAccessToken()).toMatch(/access3$/);
    expect(server.seen.slice(1)).toEqual(["/token refresh1", "/token refresh2"]);
    await client.logout();
    expect(await client.getAccessToken()).toBeUndefined();
  });

  test("at a renewal still has the replaced token, which is presented again", async () => {
    const items = new Map<string, string>();
    const area = { ...sharedArea(items) };
    const storage = webStorage({ ...area, setItem: (key, value) => area.setItem(key, value) }, randomUUID());
    const client = clientWith(storage);
    await client.login(person);
    area.setItem = full;
    for (const count of [2, 3]) {
      nowMs += 600_000;
      expect(await client.getAccessToken()).toMatch(new RegExp(`access${count}$`));
    }
    expect(server.seen.slice(1)).toEqual(["/token refresh1", "/token refresh1"]);
  });
});

test.each(["", " ", "undefined", "refresh1", "x".repeat(100_000), `${"x".repeat(100_000)} ada -`, "a b c d"])(
  "rubbish in the storage is as good as nothing, and is never sent (%#)",
  async (rubbish) => {
    const name = randomUUID();
    const items = new Map([[`${name}.login`, rubbish]]);
    const client = clientWith(webStorage(sharedArea(items), name));
    expect(await client.getAccessToken()).toBeUndefined();
    await expect(client.fetch("posts")).rejects.toBeInstanceOf(NotLoggedInError);
    await client.logout();
    expect(server.seen).toEqual([]);
    await client.login(person);
    expect(await client.getAccessToken()).toMatch(/access1$/);
  },
);

describe("a device token", () => {
  const given = "device-token-of-ada";
  let sent: (string | undefined)[];
  let items: Map<string, string>;
  let name: string;

  beforeEach(() => {
    sent = [];
    items = new Map();
    name = randomUUID();
    server.answers.set("/login", (_request, response, body) => {
      sent.push((JSON.parse(body) as { device_token?: string }).device_token);
      reply(response, 200, { ...tokensOf("ada", sent.length), device_token: given });
    });
  });

  test("is kept for each account under the SHA-256 of its address, sent at its next login, and outlives a log-out", async () => {
    const client = clientWith(webStorage(sharedArea(items), name));
    await client.login(person);
    await client.logout();
    expect([...items]).toEqual([[`${name}.device.${await sha256("ada@example.com")}`, given]]);
    await clientWith(webStorage(sharedArea(items), name)).login({ ...person, email: " Ada@Example.com" });
    await client.login({ ...person, email: "bob@example.com" });
    expect(sent).toEqual([undefined, given, undefined]);
  });

  test("is removed by logout({ forget: true }), also by a page that was opened after the login", async () => {
    await clientWith(webStorage(sharedArea(items), name)).login(person);
    nowMs += 1;
    await clientWith(webStorage(sharedArea(items), name)).logout({ forget: true });
    expect(items.size).toBe(0);
  });

  test("of a login that somebody else takes over is not kept for the account before", async () => {
    const client = clientWith(webStorage(sharedArea(items), name));
    await client.login(person);
    const answer = (account: string): Response =>
      Response.json({ ...tokensOf(account, 2), device_token: "device-token-of-bob" });
    await client.adopt(answer("bob"));
    expect(items.get(`${name}.device.${await sha256("ada@example.com")}`)).toBe(given);
    expect(items.get(`${name}.login`)).toMatch(/ bob -$/);
    await client.login(person);
    await client.adopt(answer("ada"));
    expect(items.get(`${name}.device.${await sha256("ada@example.com")}`)).toBe("device-token-of-bob");
  });

  test("that is rubbish is neither sent nor kept", async () => {
    items.set(`${name}.device.${await sha256("ada@example.com")}`, "a b\n");
    const client = clientWith(webStorage(sharedArea(items), name));
    await client.login(person);
    expect(sent).toEqual([undefined]);
  });

  test("that cannot be kept is no reason to refuse the login", async () => {
    const area = sharedArea(items);
    const setItem = (key: string, value: string): void =>
      key.includes("device") ? full() : area.setItem(key, value);
    const client = clientWith(webStorage({ ...area, setItem }, name));
    await client.login(person);
    expect(await client.getAccessToken()).toMatch(/access1$/);
  });
});

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest).toString("base64");
}

describe("a second factor", () => {
  const challenge = "challenge-of-ada";

  beforeEach(() => {
    server.answers.set("/login", (_request, response) =>
      reply(response, 401, {
        type: "about:blank",
        title: "A second factor is needed",
        status: 401,
        code: "second_factor_required",
        login_challenge: challenge,
        factors: ["totp", "recovery_code"],
      }),
    );
  });

  test("is asked for by an error that carries what is needed, and ends the login", async () => {
    const items = new Map<string, string>();
    const client = clientWith(webStorage(sharedArea(items), "countersign"));
    const error = await client.login(person).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: "SecondFactorRequiredError",
      code: "second_factor_required",
      loginChallenge: challenge,
      factors: ["totp", "recovery_code"],
    });
    expect(await client.getAccessToken()).toBeUndefined();
    let asked = "";
    server.answers.set("/login/factor", (_request, response, body) => {
      asked = body;
      reply(response, 200, { ...tokensOf("ada", 1), device_token: "known" });
    });
    await client.loginWithFactor({ login_challenge: challenge, factor: "totp", code: "123456" });
    expect(JSON.parse(asked)).toEqual({ login_challenge: challenge, factor: "totp", code: "123456" });
    expect(await client.getAccessToken()).toMatch(/access1$/);
    expect(items.get(`countersign.device.${await sha256("ada@example.com")}`)).toBe("known");
  });
});
