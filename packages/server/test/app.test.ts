import { type FastifyInstance } from "fastify";
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../src/app.ts";

const newApp = (issuer: string): FastifyInstance => {
  const masterKey = randomBytes(32).toString("base64url");
  return createApp({ issuer, databaseUrl: "sqlite::memory:", masterKey }, { logger: false });
};
let app: FastifyInstance;

beforeAll(async () => {
  app = newApp("https://api.example.com");
  app.register(async (routes) => {
    routes.get("/posts/:id", async () => ({ post: true }));
    routes.delete("/posts/:id", async () => ({ post: false }));
    routes.get("/files/*", async () => ({ file: true }));
    routes.get("/page", async (_request, reply) =>
      reply.header("content-security-policy", "default-src 'self'").type("text/html").send("<p>Hello"),
    );
    routes.get("/gone", async (_request, reply) => reply.callNotFound());
  });
  await app.ready();
});

afterAll(() => app.close());

describe("methods and paths", () => {
  test.each([
    ["GET", "/login", "POST"],
    ["DELETE", "/login?x=1", "POST"],
    ["OPTIONS", "/login", "POST"],
    ["TRACE", "/login", "POST"],
    ["PUT", "/session", "DELETE, POST"],
    ["HEAD", "/token", "POST"],
    ["POST", "/me", "DELETE, GET, HEAD, PATCH"],
    ["TRACE", "/me", "DELETE, GET, HEAD, PATCH"],
    ["POST", "/posts/1", "DELETE, GET, HEAD"],
    ["PATCH", "/files/a/b", "GET, HEAD"],
  ] as const)("WB-07: %s %s is 405, and says what there is", async (method, url, allow) => {
    const response = await app.inject({ method: method as "GET", url });
    expect(response.statusCode).toBe(405);
    expect(response.headers["allow"]).toBe(allow);
    expect(response.headers["content-type"]).toBe("application/problem+json");
    if (method !== "HEAD") expect(response.json()).toMatchObject({ code: "method_not_allowed", status: 405 });
  });

  test.each(["/", "/logins", "/login/", "/posts", "/posts/1/2", "/file", "/gone", "/__proto__"])(
    "WB-06: %s is 404 by every method, as a problem",
    async (url) => {
      for (const method of ["GET", "POST", "OPTIONS", "TRACE"] as const) {
        const isGone = url === "/gone" && method !== "GET";
        const response = await app.inject({ method: method as "GET", url });
        expect(response.statusCode).toBe(isGone ? 405 : 404);
        expect(response.headers["content-type"]).toBe("application/problem+json");
      }
    },
  );

  test("HEAD answers as GET does, without the body", async () => {
    const [get, head] = [
      await app.inject({ url: "/posts/1" }),
      await app.inject({ method: "HEAD", url: "/posts/1" }),
    ];
    expect(head.statusCode).toBe(200);
    expect(head.body).toBe("");
    expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
  });
});

describe("the headers", () => {
  test.each([
    ["GET", "/posts/1", 200],
    ["GET", "/me", 401],
    ["GET", "/nothing", 404],
    ["GET", "/login", 405],
    ["POST", "/session", 403],
    ["POST", "/login", 400],
  ] as const)("WB-05: stand on %s %s, which is %d", async (method, url, status) => {
    const response = await app.inject({ method, url });
    expect(response.statusCode).toBe(status);
    expect(response.headers).toMatchObject({
      "strict-transport-security": "max-age=63072000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "content-security-policy":
        "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
    for (const name of ["server", "x-powered-by", "access-control-allow-origin"]) {
      expect(response.headers[name]).toBeUndefined();
    }
  });

  test("WB-05: leave a page's own policy alone, and do not speak of https where there is none", async () => {
    const page = await app.inject({ url: "/page" });
    expect(page.headers["content-security-policy"]).toBe("default-src 'self'");
    const plain = newApp("http://127.0.0.1:3000");
    const response = await plain.inject({ url: "/me" });
    expect(response.headers["x-content-type-options"]).toBe("nosniff");
    expect(response.headers["strict-transport-security"]).toBeUndefined();
    await plain.close();
  });
});

describe("over the wire", () => {
  /** Sends the text as it is, and returns the status line of each answer. */
  async function send(text: string): Promise<string[]> {
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => (answer += chunk));
    socket.end(text);
    await new Promise((resolve) => socket.once("close", resolve));
    return answer.match(/HTTP\/1\.1 \d{3}/g) ?? [];
  }

  test("WB-08: a request with two lengths, or two ways to tell it, is refused and what follows is not read", async () => {
    await app.listen({ host: "127.0.0.1", port: 0 });
    const host = "Host: api.example.com\r\n";
    const smuggled = `GET /posts/1 HTTP/1.1\r\n${host}\r\n`;
    expect(await send(smuggled)).toEqual(["HTTP/1.1 200"]);
    for (const framing of [
      "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
      "Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
      "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      " folded\r\n\r\n",
    ]) {
      expect(await send(`POST /login HTTP/1.1\r\n${host}${framing}${smuggled}`)).toEqual(["HTTP/1.1 400"]);
    }
  });
});
