// Every routes.ts keeps its hooks, parsers and error handlers to itself, however it is registered.
import Fastify, { type FastifyPluginAsync } from "fastify";
import { globSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

const root = join(import.meta.dirname, "../src");
const files = globSync("**/*routes.ts", { cwd: root }).toSorted();

/** Stands for every option of a plugin: registering calls nothing of it that could fail. */
const anything: unknown = new Proxy(() => anything, {
  get: (_target, name) =>
    name === "then" ? undefined : name === Symbol.toPrimitive ? () => "https://a.example" : anything,
});

/** Where a plugin needs a text that is one. */
const texts: Readonly<Record<string | symbol, string>> = { issuer: "https://a.example", routePrefix: "" };

/** Options whose every member is that. */
const anyOptions = new Proxy({}, { get: (_target, name) => texts[name] ?? anything });

describe("the routes of the server", () => {
  test("are all found", () => {
    expect(files.length).toBeGreaterThan(6);
  });

  test.each(files)("%s is one plugin, and a route beside it stays untouched", async (file) => {
    const module = (await import(join(root, file))) as Record<string, unknown>;
    const plugins = Object.entries(module).filter(([name]) => name.endsWith("Routes"));
    expect(plugins).toHaveLength(1);
    const plugin = plugins[0]?.[1] as FastifyPluginAsync<object>;

    const app = Fastify();
    onTestFinished(() => app.close());
    await app.register(async (scope) => plugin(scope, anyOptions));
    app.post("/beside", async (request) => ({ got: request.body }));
    app.get("/beside/broken", async () => {
      throw new TypeError("as Fastify answers it");
    });

    const beside = await app.inject({ method: "POST", url: "/beside", payload: { a: 1 } });
    expect(beside.statusCode).toBe(200);
    expect(beside.json()).toEqual({ got: { a: 1 } });
    expect(beside.headers).not.toHaveProperty("cache-control");
    const broken = await app.inject("/beside/broken");
    expect(broken.json()).toMatchObject({ statusCode: 500, message: "as Fastify answers it" });
  });
});
