// The tabs of one browser, on a network that loses things: whoever is honest stays logged in.
import {
  type Client,
  type ClientOptions,
  createClient,
  NetworkError,
  type ClientStorage,
  webStorage,
} from "@countersign/client";
import { createApp } from "@countersign/server";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const password = "tangerine violin ledger";
const browsers = 60;
const tabsEach = 3;
/** Longer than the grace of 10 s within which the server answers the same again. */
const runMs = process.env["TEST_FULL"] === "1" ? 120_000 : 12_000;

/** What a browser keeps for all tabs of an origin. */
function sharedStorage(name: string): ClientStorage {
  const items = new Map<string, string>();
  const area = {
    getItem: (key: string): string | null => items.get(key) ?? null,
    setItem: (key: string, value: string): void => void items.set(key, value),
    removeItem: (key: string): void => void items.delete(key),
  };
  return webStorage(area, name);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Of renewals, loses one in four on its way there and one in four replies; what is left may come late, both ways. */
const lossyFetch: typeof fetch = async (input, init) => {
  if (!(input instanceof URL) || !input.pathname.endsWith("/token")) return fetch(input, init);
  const chance = Math.random();
  if (chance < 1 / 4) throw new TypeError("lost on its way");
  await pause(lateMs());
  const response = await fetch(input, init);
  if (chance < 1 / 2) throw new TypeError("the reply was lost");
  await pause(lateMs());
  return response;
};

/** Mostly hardly at all, and now and then nearly as much as the grace. */
function lateMs(): number {
  return Math.random() < 0.7 ? Math.random() * 100 : Math.random() * 9500;
}

test("RR-02: tabs that share one storage stay logged in, whatever their network loses", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-"));
  const app = createApp({ issuer: "https://posts.example.com", dataDir }, { logger: false });
  const baseUrl = await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    await app.close();
    rmSync(dataDir, { recursive: true });
  });
  const owner = { email: "ada@example.com", password };
  await createClient({ baseUrl }).signup(owner);

  const people: { readonly clock: { nowMs: number }; readonly options: ClientOptions }[] = [];
  for (let index = 0; index < browsers; index += 1) {
    const clock = { nowMs: Date.now() };
    const storage = sharedStorage(`browser ${index}`);
    const options = { baseUrl, storage, nowMs: (): number => clock.nowMs };
    // One after the other: nobody waits for the hashes of all others.
    await createClient(options).login(owner);
    people.push({ clock, options });
  }
  const endMs = performance.now() + runMs;
  let lost = 0;
  let renewed = 0;

  /** Uses the tab until the end; each time so much later, as it thinks, that its access token is over. */
  async function use(tab: Client, clock: { nowMs: number }): Promise<void> {
    while (performance.now() < endMs) {
      clock.nowMs += 600_000;
      try {
        expect(await tab.getAccessToken(), "a tab was told that it is logged out").toBeDefined();
        renewed += 1;
      } catch (error) {
        if (!(error instanceof NetworkError)) throw error;
        lost += 1;
      }
      // Seldom longer than the grace: what was lost before is then presented after its end.
      const patienceMs = [0, 100, 1000, 3000, 11_000][Math.floor(Math.random() * 5)] ?? 0;
      await pause(Math.random() * patienceMs);
    }
  }

  await Promise.all(
    people.map(async ({ clock, options }) => {
      const tabs = Array.from({ length: tabsEach }, () => createClient({ ...options, fetch: lossyFetch }));
      await Promise.all(tabs.map((tab) => use(tab, clock)));
      // One that is opened now, on a better network.
      expect(await createClient(options).getUser()).toMatchObject({ email: owner.email });
    }),
  );
  expect(lost).toBeGreaterThan(browsers * tabsEach);
  expect(renewed).toBeGreaterThan(browsers * tabsEach);
}, 240_000);
