import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  ApiError,
  type Client,
  createClient,
  NetworkError,
  NotLoggedInError,
  RedirectError,
} from "../src/index.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let origin = "";
let client: Client;
let handler: Handler;
const seen: { readonly method: string; readonly url: string; readonly authorization: string | undefined }[] =
  [];
const tokens = {
  access_token: `header.${btoa('{"sub":"ada"}')}.signature`,
  token_type: "Bearer",
  expires_in: 600,
  refresh_token: "refresh",
};

beforeEach(async () => {
  seen.length = 0;
  handler = (_request, response) => answer(response, 200, tokens);
  server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    seen.push({ method, url, authorization: headers.authorization });
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createClient({ baseUrl: `${origin}/auth` });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function answer(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

const person = { email: "ada@example.com", password: "tangerine violin ledger" };

describe("the client", () => {
  it("attaches the token of its login to every request below its base URL", async () => {
    await client.login(person);
    await client.fetch("posts?limit=2");
    await client.fetch("/posts/1", { method: "DELETE", headers: { "x-reason": "old" } });
    expect(seen).toEqual([
      { method: "POST", url: "/auth/login", authorization: undefined },
      { method: "GET", url: "/auth/posts?limit=2", authorization: `Bearer ${tokens.access_token}` },
      { method: "DELETE", url: "/auth/posts/1", authorization: `Bearer ${tokens.access_token}` },
    ]);
    expect(await client.getAccessToken()).toBe(tokens.access_token);
  });

  it.each([
    "https://elsewhere.example/posts",
    "//elsewhere.example/posts",
    "http://127.0.0.1:1/posts",
    "../posts",
  ])("never sends its token to %s", async (url) => {
    await client.login(person);
    seen.length = 0;
    // A path that only looks like another host is a path below the base URL.
    await client.fetch(url).catch((error: unknown) => expect(error).toBeInstanceOf(TypeError));
    for (const request of seen) expect(request.url).toMatch(/^\/auth\//);
  });

  it.each([301, 302, 303, 307, 308])(
    "follows no %i, which could carry the token elsewhere, and says so",
    async (status) => {
      await client.login(person);
      handler = (_request, response) => answer(response, status, undefined, { location: "/auth/elsewhere" });
      const error = await client.fetch("posts").catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RedirectError);
      expect((error as Error).message).toBe(
        "posts redirects, which is not followed: ask for the URL that it leads to.",
      );
      expect(seen.map(({ url }) => url)).not.toContain("/auth/elsewhere");
    },
  );

  it("says what the server refused: status, code, request id and when to come back", async () => {
    const problem = { type: "about:blank", title: "Busy", status: 503, code: "busy", request_id: "r1" };
    handler = (_request, response) => answer(response, 503, problem, { "retry-after": "2" });
    const error = await client.login(person).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 503,
      code: "busy",
      requestId: "r1",
      retryAfterSeconds: 2,
      message: "Busy",
    });
    expect(await client.getAccessToken()).toBeUndefined();
  });

  it("copes with an error that is no problem document", async () => {
    handler = (_request, response) => response.writeHead(502).end("<h1>Bad gateway</h1>");
    await expect(client.signup(person)).rejects.toMatchObject({
      name: "ApiError",
      status: 502,
      code: "unknown",
    });
  });

  it("tells no answer from an answer, and keeps the password out of it", async () => {
    handler = (request) => request.socket.destroy();
    const error = await client.login(person).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NetworkError);
    expect(String(error)).not.toContain(person.password);
  });

  it("needs a login before it fetches", async () => {
    await expect(client.fetch("posts")).rejects.toBeInstanceOf(NotLoggedInError);
    await client.logout();
    expect(seen).toEqual([]);
  });

  it("logs this device out though the server cannot be told, says so, and tells it when asked again", async () => {
    await client.login(person);
    handler = (_request, response) => answer(response, 503, {});
    await expect(client.logout()).rejects.toMatchObject({ status: 503 });
    expect(await client.getAccessToken()).toBeUndefined();
    seen.length = 0;
    handler = (_request, response) => answer(response, 204);
    await client.logout();
    await client.logout();
    expect(seen).toEqual([
      { method: "POST", url: "/auth/logout", authorization: `Bearer ${tokens.access_token}` },
    ]);
  });

  it("stays logged in when it ends the other sessions", async () => {
    await client.login(person);
    handler = (_request, response) => answer(response, 204);
    await client.logout("others");
    await client.logout({ scope: "others" });
    expect(await client.getAccessToken()).toBe(tokens.access_token);
  });

  it("takes a refused token for a log-out that happened already", async () => {
    await client.login(person);
    handler = ({ url }, response) =>
      url === "/auth/token" ? answer(response, 400, { error: "invalid_grant" }) : answer(response, 401, {});
    await client.logout();
    expect(await client.getAccessToken()).toBeUndefined();
  });
});
