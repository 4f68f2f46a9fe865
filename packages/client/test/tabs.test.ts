// Clients that share a storage, as the tabs of a browser do: what one does, all follow.
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import {
  AccountChangedError,
  type Change,
  type Client,
  type ClientStorage,
  createClient,
  webStorage,
} from "../src/index.ts";
import { createTurns } from "../src/turns.ts";
import { within } from "../src/limits.ts";
import {
  invalidGrant,
  reply,
  type ScriptedServer,
  startScriptedServer,
  tokensOf,
} from "./scripted-server.ts";
import { sharedArea } from "./shared-area.ts";

const ada = { email: "ada@example.com", password: "tangerine violin ledger" };
let server: ScriptedServer;
let storage: ClientStorage;
let nowMs = 1_800_000_000_000;
/** Opens another tab; `heard` is what its listener hears. */
let openTab: () => { client: Client; heard: Change[] };

beforeEach(async () => {
  server = await startScriptedServer();
  storage = webStorage(sharedArea(), randomUUID());
  openTab = () => {
    const client = createClient({ baseUrl: server.origin, storage, nowMs: () => nowMs });
    const heard: Change[] = [];
    onTestFinished(client.onChange((change) => heard.push(change)));
    return { client, heard };
  };
});

afterEach(() => server.close());

async function logInAs(account: string, client: Client): Promise<void> {
  server.account = account;
  await client.login({ ...ada, email: `${account}@example.com` });
}

describe("a log-out", () => {
  test("is heard by every tab at once, and none uses its access token any more", async () => {
    const [first, second, third] = [openTab(), openTab(), openTab()];
    await logInAs("ada", first.client);
    expect(await second.client.getAccessToken()).toMatch(/access2$/);
    await second.client.logout();
    await expect.poll(() => third.heard.at(-1)).toEqual({ type: "logout", reason: "elsewhere" });
    await expect.poll(() => first.heard.at(-1)).toEqual({ type: "logout", reason: "elsewhere" });
    expect(second.heard.at(-1)).toEqual({ type: "logout", reason: "here" });
    expect(await first.client.getAccessToken()).toBeUndefined();
  });

  test("is noticed also by a tab that listens to nothing", async () => {
    const silent = createClient({ baseUrl: server.origin, storage });
    await silent.login(ada);
    await openTab().client.logout();
    expect(await silent.getAccessToken()).toBeUndefined();
  });

  test("is over for this device before the server has answered", async () => {
    const [first, second] = [openTab(), openTab()];
    await logInAs("ada", first.client);
    await new Promise<void>((resolve) => {
      server.answers.set("/logout", () => resolve());
      first.client.logout().catch(() => undefined);
    });
    expect(await first.client.getAccessToken()).toBeUndefined();
    expect(await second.client.getAccessToken()).toBeUndefined();
  });

  test("of a device that is offline logs it out, and says that the server could not be told", async () => {
    const [first, second] = [openTab(), openTab()];
    await logInAs("ada", first.client);
    await server.close();
    await expect(first.client.logout()).rejects.toMatchObject({ name: "NetworkError" });
    expect(await second.client.getAccessToken()).toBeUndefined();
  });

  test("by the server is told apart from one that was asked for", async () => {
    const { client, heard } = openTab();
    await logInAs("ada", client);
    nowMs += 600_000;
    server.answers.set("/token", invalidGrant);
    expect(await client.getAccessToken()).toBeUndefined();
    await expect.poll(() => heard.at(-1)).toEqual({ type: "logout", reason: "ended" });
  });
});

describe("a login", () => {
  test("is heard by tabs where nobody was logged in", async () => {
    const [first, second] = [openTab(), openTab()];
    expect(await second.client.getAccessToken()).toBeUndefined();
    await logInAs("ada", first.client);
    await expect.poll(() => second.heard).toEqual([{ type: "login", accountId: "ada" }]);
    expect(await second.client.getAccessToken()).toMatch(/access2$/);
  });

  test("of another account stops the tabs of the first one, which never become the other", async () => {
    const [first, second] = [openTab(), openTab()];
    await logInAs("ada", first.client);
    await second.client.getAccessToken();
    await logInAs("bob", second.client);
    await expect.poll(() => first.heard.at(-1)).toEqual({ type: "other_account", accountId: "bob" });
    server.seen.length = 0;
    nowMs += 600_000;
    for (const call of [
      () => first.client.fetch("posts"),
      () => first.client.getAccessToken(),
      () => first.client.getUser(),
      () => first.client.sessions(),
      () => first.client.logout(),
      () => first.client.logout("others"),
    ])
      await expect(call()).rejects.toBeInstanceOf(AccountChangedError);
    expect(server.seen).toEqual([]);
    expect(second.heard.at(-1)).toEqual({ type: "login", accountId: "bob" });
    expect(await second.client.getAccessToken()).toBeDefined();
  });

  test("of another account stops also a renewal under way", async () => {
    const { client } = openTab();
    await logInAs("ada", client);
    nowMs += 600_000;
    server.answers.set("/token", (_request, response) => {
      // As a tab would that cannot take turns.
      void storage.write("login", "refresh-of-bob bob -");
      reply(response, 200, tokensOf("ada", 7));
    });
    await expect(client.getAccessToken()).rejects.toBeInstanceOf(AccountChangedError);
    expect(await storage.read("login")).toBe("refresh-of-bob bob -");
  });

  test("of the first account again lets its tabs go on; a log-out of the other lets them log in", async () => {
    const [first, second] = [openTab(), openTab()];
    await logInAs("ada", first.client);
    await logInAs("bob", second.client);
    await expect(first.client.getAccessToken()).rejects.toBeInstanceOf(AccountChangedError);
    await logInAs("ada", second.client);
    await expect.poll(() => first.heard.at(-1)).toEqual({ type: "login", accountId: "ada" });
    expect(await first.client.getAccessToken()).toBeDefined();
    await second.client.logout();
    await expect.poll(() => first.heard.at(-1)).toEqual({ type: "logout", reason: "elsewhere" });
  });

  test("in a tab that was stopped takes over, and the other tabs are stopped", async () => {
    const [first, second] = [openTab(), openTab()];
    await logInAs("ada", first.client);
    await logInAs("bob", second.client);
    await logInAs("ada", first.client);
    expect(await first.client.getAccessToken()).toBeDefined();
    await expect(second.client.getAccessToken()).rejects.toBeInstanceOf(AccountChangedError);
  });

  test("whose connection hangs keeps no other tab waiting", async () => {
    const [first, second] = [openTab(), openTab()];
    await logInAs("ada", first.client);
    await new Promise<void>((resolve) => {
      server.answers.set("/login", () => resolve());
      second.client.login(ada).catch(() => undefined);
    });
    nowMs += 600_000;
    expect(await first.client.getAccessToken()).toMatch(/access2$/);
  });
});

describe("every wait has an end", () => {
  test("that of a renewal which hangs: its own tab hears so, and the others' turn comes", async () => {
    const [first, second] = [openTab(), openTab()];
    await logInAs("ada", first.client);
    nowMs += 600_000;
    const hung = new Promise<void>((resolve) => {
      server.answers.set("/token", () => {
        server.answers.clear();
        resolve();
      });
    });
    const waiting = first.client.getAccessToken().catch((error: unknown) => error);
    await hung;
    const other = second.client.getAccessToken();
    expect(await waiting).toMatchObject({
      name: "NetworkError",
      message: "No answer within 10 seconds.",
    });
    expect(await other).toMatch(/access2$/);
  });

  test("that of a fetch which does not listen to its signal", async () => {
    await expect(within(20, () => new Promise(() => undefined))).rejects.toMatchObject({
      name: "NetworkError",
      message: "No answer within 0.02 seconds.",
    });
  });

  test("that for a tab which was frozen with its turn", async () => {
    const name = randomUUID();
    let wake: (value: string) => void = () => undefined;
    const frozen = createTurns(name, 20)(() => new Promise<string>((resolve) => (wake = resolve)));
    await expect
      .poll(async () => (await navigator.locks.query()).held?.map((lock) => lock.name))
      .toContain(`countersign ${name}`);
    const takeTurn = createTurns(name, 20);
    expect(await takeTurn(async () => "second")).toBe("second");
    expect(await takeTurn(async () => "third")).toBe("third");
    // Its turn is over, and what it did counts for itself.
    wake("first");
    expect(await frozen).toBe("first");
  });

  test("a turn that fails fails for whoever took it", async () => {
    const failure = new TypeError("it failed");
    for (const name of [randomUUID(), null])
      await expect(createTurns(name, 1000)(() => Promise.reject(failure))).rejects.toBe(failure);
  });
});
