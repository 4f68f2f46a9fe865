// What the posts take and give, on both databases.
import { createApp } from "@countersign/server";
import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { newDatabaseUrl } from "../../../packages/server/test/postgres.ts";
import { postsRoutes } from "../src/posts-routes.ts";

/** A whole database: Kysely takes a table of that name in any schema for the one that it looks for. */
const databases = [
  { name: "SQLite", newUrl: async () => "sqlite::memory:" },
  { name: "PostgreSQL", newUrl: () => newDatabaseUrl("database") },
];
const account = { email: "ada@example.com", password: "tangerine violin ledger" };

test.each(databases)(
  "posts are written, listed, found and deleted on $name, and odd ones refused",
  async ({ newUrl }) => {
    const masterKey = randomBytes(32).toString("base64url");
    const options = { issuer: "https://posts.example.com", databaseUrl: await newUrl(), masterKey };
    const app = createApp(options, { logger: false });
    onTestFinished(() => app.close());
    await app.register(postsRoutes);
    await app.inject({ method: "POST", url: "/signup", payload: account });
    const login = await app.inject({ method: "POST", url: "/login", payload: account });
    const headers = { authorization: `Bearer ${login.json<{ access_token: string }>().access_token}` };
    const ask = (method: "GET" | "POST" | "DELETE", url: string, payload?: object) =>
      app.inject({ method, url, headers, ...(payload && { payload }) });

    const written = await ask("POST", "/posts", { title: "Ünï 🎻", content: "text" });
    expect(written.statusCode).toBe(201);
    const { id } = written.json<{ id: number }>();
    expect(id).toBeTypeOf("number");
    expect((await ask("GET", `/posts/${id}`)).json()).toMatchObject({ id, title: "Ünï 🎻" });
    expect((await ask("GET", "/posts")).json()).toMatchObject({ posts: [{ id }], next_before: null });

    // Fifteen digits are an id that nobody has yet.
    const last = "999999999999999";
    expect((await ask("GET", `/posts/${last}`)).statusCode).toBe(404);
    expect((await ask("DELETE", `/posts/${last}`)).statusCode).toBe(404);
    expect((await ask("GET", `/posts?before=${last}`)).json()).toMatchObject({ posts: [{ id }] });

    for (const post of [
      { title: "NUL \u0000", content: "text" },
      { title: "title", content: "\u0000" },
    ]) {
      const refused = await ask("POST", "/posts", post);
      expect(refused.json()).toMatchObject({ status: 400, code: "invalid_request" });
    }
    expect((await ask("DELETE", `/posts/${id}`)).statusCode).toBe(204);
    expect((await ask("GET", "/posts")).json()).toEqual({ posts: [], next_before: null });
  },
);
