import { type Client, createClient } from "@countersign/client";
import { createApp } from "@countersign/server";
import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postsRoutes } from "../src/posts-routes.ts";

const dataDir = mkdtempSync(join(tmpdir(), "countersign-"));
const issuer = "https://posts.example.com";
const password = "tangerine violin ledger";
let app: FastifyInstance;
let origin = "";

beforeAll(async () => {
  app = createApp({ issuer, dataDir }, { logger: false });
  await app.register(postsRoutes);
  origin = await app.listen({ host: "127.0.0.1", port: 0 });
});

afterAll(async () => {
  await app.close();
  rmSync(dataDir, { recursive: true });
});

async function newcomer(name: string): Promise<Client> {
  const client = createClient({ baseUrl: origin });
  await client.signup({ email: `${name}@example.com`, password, name });
  await client.login({ email: `${name}@example.com`, password });
  return client;
}

async function write(client: Client, title: string): Promise<{ id: number }> {
  const response = await client.fetch("posts", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title, content: "text" }),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as { id: number };
}

describe("the posts API", () => {
  test("lets one sign up, log in, write, read page by page, and delete what is one's own", async () => {
    const ada = await newcomer("ada");
    expect(await ada.getUser()).toMatchObject({ email: "ada@example.com", name: "ada", roles: ["user"] });
    for (const title of ["one", "two", "three"]) await write(ada, title);

    const first = (await (await ada.fetch("posts?limit=2")).json()) as {
      posts: { id: number; title: string }[];
      next_before: string;
    };
    expect(first.posts.map(({ title }) => title)).toEqual(["three", "two"]);
    const rest = (await (
      await ada.fetch(`posts?limit=2&before=${first.next_before}`)
    ).json()) as typeof first;
    expect(rest).toMatchObject({ posts: [{ title: "one" }], next_before: null });

    const id = first.posts[0]?.id;
    expect((await ada.fetch(`posts/${id}`)).status).toBe(200);
    expect((await ada.fetch(`posts/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await ada.fetch(`posts/${id}`)).status).toBe(404);
    expect((await ada.fetch(`posts/${id}`, { method: "DELETE" })).status).toBe(404);
  });

  test("lets an admin delete what others wrote, and nobody else", async () => {
    const author = await newcomer("author");
    const other = await newcomer("other");
    const { id } = await write(author, "mine");
    const refused = await other.fetch(`posts/${id}`, { method: "DELETE" });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: "forbidden" });

    await sql`update users set roles = '["user","admin"]' where email_key = 'other@example.com'`.execute(
      app.auth.database,
    );
    await other.login({ email: "other@example.com", password });
    expect((await other.fetch(`posts/${id}`, { method: "DELETE" })).status).toBe(204);
  });

  test.each(["limit=0", "limit=101", "limit=1e1", "before=-1", "before=1&before=2", "offset=1", "limit[]=1"])(
    "refuses the query ?%s",
    async (query) => {
      const reader = createClient({ baseUrl: origin });
      await reader.login({ email: "ada@example.com", password });
      const response = await reader.fetch(`posts?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: "invalid_request" });
    },
  );

  test("refuses every token of a session that logged out, at once; logging out twice is no error", async () => {
    const client = await newcomer("leaver");
    const token = (await client.getAccessToken()) ?? "";
    const authorization = { authorization: `Bearer ${token}` };
    await client.logout();
    expect(await client.getAccessToken()).toBeUndefined();
    expect((await fetch(`${origin}/posts`, { headers: authorization })).status).toBe(401);
    expect((await fetch(`${origin}/logout`, { method: "POST", headers: authorization })).status).toBe(204);
    await client.login({ email: "leaver@example.com", password });
    expect((await client.fetch("posts")).status).toBe(200);
  });

  test.each([
    ["an unknown member", '{"title":"t","content":"c","author_id":"somebody"}', 400],
    ["an array for a string", '{"title":["t"],"content":"c"}', 400],
    ["a number for a string", '{"title":7,"content":"c"}', 400],
    ["an empty title", '{"title":"","content":"c"}', 400],
    ["__proto__", '{"__proto__":{"roles":["admin"]},"title":"t","content":"c"}', 400],
    ["JSON deeper than it needs", `{"title":${"[".repeat(5000)}${"]".repeat(5000)},"content":"c"}`, 400],
    ["no JSON at all", "title=t", 400],
    ["nothing", "", 400],
    ["a body over 16 KiB", JSON.stringify({ title: "t", content: "c".repeat(17_000) }), 413],
  ])("refuses a post of %s, and writes nothing", async (_what, body, status) => {
    const client = createClient({ baseUrl: origin });
    await client.login({ email: "ada@example.com", password });
    const newest = async (): Promise<unknown> => (await client.fetch("posts?limit=1")).json();
    const before = await newest();
    const headers = { "content-type": "application/json" };
    const response = await client.fetch("posts", { method: "POST", headers, body });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await newest()).toEqual(before);
  });

  test("lets nobody read or write without a token", async () => {
    for (const [path, method] of [
      ["posts", "GET"],
      ["posts", "POST"],
      ["posts/1", "GET"],
      ["posts/1", "DELETE"],
    ] as const) {
      const response = await fetch(`${origin}/${path}`, { method });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="api"');
    }
  });
});
