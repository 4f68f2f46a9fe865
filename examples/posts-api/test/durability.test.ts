import { createClient } from "@countersign/client";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startApi } from "./running-api.ts";

const cycles = process.env["TEST_FULL"] === "1" ? 20 : 6;
const password = "tangerine violin ledger";

test("kill -9 at any moment loses nothing that was answered with 2xx", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-"));
  const accounts: string[] = [];
  const posts: { readonly author: string; readonly title: string }[] = [];
  const loggedOut: string[] = [];

  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const api = await startApi(dataDir, { direct: true });
    const work = Array.from({ length: 3 }, async (_, worker) => {
      for (let step = 0; ; step += 1) {
        const email = `c${cycle}w${worker}s${step}@example.com`;
        const client = createClient({ baseUrl: api.origin });
        await client.signup({ email, password });
        accounts.push(email);
        const { access_token: token } = await client.login({ email, password });
        const title = `${email} ${step}`;
        const response = await client.fetch("posts", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ title, content: "text" }),
        });
        if (response.status === 201) posts.push({ author: email, title });
        await client.logout();
        loggedOut.push(token);
      }
    });
    // Each worker ends when the process is gone; nothing else ends test.
    const done = Promise.all(
      work.map((worker) =>
        worker.catch((error: unknown) => expect(error).toMatchObject({ name: "NetworkError" })),
      ),
    );
    // Every second cycle dies with something acknowledged in it, however slow the machine; the others at any moment.
    const acknowledgedBefore = posts.length;
    if (cycle % 2 === 0) {
      while (posts.length === acknowledgedBefore) await pause(10);
    }
    await pause(50 + Math.random() * 350);
    await api.stop("SIGKILL");
    await done;
  }

  const api = await startApi(dataDir, { direct: true });
  expect(accounts.length).toBeGreaterThanOrEqual(cycles / 2);
  expect(posts.length).toBeGreaterThanOrEqual(cycles / 2);
  const reader = createClient({ baseUrl: api.origin });
  // Every acknowledged account opens with its password (a sample: each costs a hash) and exists.
  for (const email of [...accounts.slice(0, 5), ...accounts.slice(-20)])
    await reader.login({ email, password });
  for (const email of accounts) {
    await expect(reader.signup({ email, password })).rejects.toMatchObject({ code: "email_taken" });
  }
  const kept = new Set<string>();
  for (let before: string | null = ""; before !== null;) {
    const page = await reader.fetch(`posts?limit=100${before === "" ? "" : `&before=${before}`}`);
    const body = (await page.json()) as { posts: { title: string }[]; next_before: string | null };
    for (const { title } of body.posts) kept.add(title);
    before = body.next_before;
  }
  expect(posts.filter(({ title }) => !kept.has(title))).toEqual([]);
  // What was logged out stays logged out.
  for (const token of loggedOut) {
    const response = await fetch(`${api.origin}/posts`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(401);
  }
  await api.stop("SIGTERM");
  rmSync(dataDir, { recursive: true });
}, 180_000);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
