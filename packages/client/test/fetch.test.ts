// `client.fetch`: what is sent once, what is sent again, and how it ends.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Client, createClient, InvalidResponseError } from "../src/index.ts";
import { invalidToken, reply, type ScriptedServer, startScriptedServer } from "./scripted-server.ts";

const person = { email: "ada@example.com", password: "tangerine violin ledger" };
let server: ScriptedServer;
let client: Client;
/** The bodies that `/uploads` took. */
let taken: string[];
let nowMs = 1_800_000_000_000;

beforeEach(async () => {
  server = await startScriptedServer();
  client = createClient({ baseUrl: server.origin, nowMs: () => nowMs });
  await client.login(person);
  server.seen.length = 0;
  taken = [];
  server.answers.set("/uploads", (request, response, body) => {
    if (request.headers.authorization?.endsWith("access1") === true)
      return void invalidToken(request, response, body);
    taken.push(body);
    reply(response, 200, { "x-part": request.headers["x-part"] ?? null });
  });
});

afterEach(() => server.close());

const form = new FormData();
form.set("name", "ada");
const bytes = new TextEncoder().encode("hello");

describe("an upload whose token is refused", () => {
  test.each([
    ["text", "hello"],
    ["URLSearchParams", new URLSearchParams({ hello: "" })],
    ["FormData", form],
    ["a Blob", new Blob(["hello"])],
    ["an ArrayBuffer", bytes.buffer],
    ["a Uint8Array", bytes],
    ["a DataView", new DataView(bytes.buffer)],
  ])("is sent again whole where it is %s, which can be read again", async (_what, body) => {
    expect((await client.fetch("uploads", { method: "POST", body })).status).toBe(200);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatch(/hello|ada/);
  });

  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }

  test.each([
    ["an async generator", () => chunks()],
    ["a stream", () => ReadableStream.from(chunks())],
    ["whatever is iterated", () => ({ [Symbol.asyncIterator]: chunks })],
  ])("comes back as the 401 where it is %s, and the next one has a new token", async (_what, make) => {
    const upload = (): Promise<Response> =>
      client.fetch("uploads", { method: "POST", body: make(), duplex: "half" } as RequestInit);
    expect((await upload()).status).toBe(401);
    expect(taken).toEqual([]);
    expect((await upload()).status).toBe(200);
    expect(taken).toEqual(["hello"]);
  });

  test("has its headers both times, also where they come from an iterator", async () => {
    const headers = new Map([["x-part", "7"]]).entries() as unknown as [string, string][];
    const response = await client.fetch("uploads", { method: "POST", body: "hello", headers });
    expect(await response.json()).toEqual({ "x-part": "7" });
  });
});

describe("a signal", () => {
  const reason = new TypeError("the person left the page");

  test("that is aborted already ends the call with its reason, and nothing is sent", async () => {
    const signal = AbortSignal.abort(reason);
    await expect(client.fetch("posts", { signal })).rejects.toBe(reason);
    expect(server.seen).toEqual([]);
  });

  test("ends a request that hangs, with its reason", async () => {
    const controller = new AbortController();
    server.answers.set("/posts", () => controller.abort(reason));
    await expect(client.fetch("posts", { signal: controller.signal })).rejects.toBe(reason);
  });

  test("that is a time-out ends it as a TimeoutError", async () => {
    server.answers.set("/posts", () => undefined);
    const error = await client.fetch("posts", { signal: AbortSignal.timeout(50) }).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "TimeoutError" });
  });

  test("ends a call that waits for a renewal that hangs, at once; others go on waiting", async () => {
    const controller = new AbortController();
    server.answers.set("/token", (_request, response) => {
      controller.abort(reason);
      setTimeout(() => reply(response, 503, {}), 100);
    });
    nowMs += 600_000;
    const other = client.getAccessToken().catch((error: unknown) => error);
    let settled = false;
    void other.then(() => (settled = true));
    await expect(client.fetch("posts", { signal: controller.signal })).rejects.toBe(reason);
    expect(settled).toBe(false);
    expect(await other).toMatchObject({ status: 503 });
  });
});

describe("a server that names a time to come back", () => {
  const backOff = (headers: Record<string, string>): void => {
    nowMs += 600_000;
    server.answers.set("/token", (_request, response) => reply(response, 503, {}, headers));
  };

  test("is left alone until then, and everybody hears why", async () => {
    backOff({ "retry-after": "30" });
    for (let count = 0; count < 50; count += 1) {
      const error = await client.getAccessToken().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: "ApiError", status: 503, retryAfterSeconds: 30 });
    }
    expect(server.seen).toEqual(["/token refresh1"]);
    server.answers.clear();
    nowMs += 30_000;
    expect(await client.getAccessToken()).toMatch(/access2$/);
  });

  test("is not left alone for an hour because the clock went back by one", async () => {
    backOff({ "retry-after": "30" });
    await expect(client.getAccessToken()).rejects.toMatchObject({ status: 503 });
    server.answers.clear();
    nowMs -= 3_600_000;
    expect(await client.getAccessToken()).toMatch(/access2$/);
  });

  test("is left alone by refused requests, too", async () => {
    backOff({ "retry-after": "30" });
    nowMs -= 600_000;
    for (let count = 0; count < 5; count += 1)
      expect((await client.fetch("uploads", { method: "POST", body: "hello" })).status).toBe(401);
    expect(server.seen.filter((line) => line.startsWith("/token"))).toEqual(["/token refresh1"]);
  });
});

test.each([
  ["an empty object", {}],
  ["a token that is none", { access_token: "opaque", refresh_token: "r", expires_in: 600 }],
  ["no refresh token", { access_token: `h.${btoa('{"sub":"ada"}')}.s`, expires_in: 600 }],
  ["no life", { access_token: `h.${btoa('{"sub":"ada"}')}.s`, refresh_token: "r" }],
  ["null", null],
  ["text", "welcome"],
])("200 with %s is no renewal and no login", async (_what, body) => {
  nowMs += 600_000;
  for (const path of ["/token", "/login"])
    server.answers.set(path, (_request, response) => reply(response, 200, body));
  await expect(client.getAccessToken()).rejects.toBeInstanceOf(InvalidResponseError);
  await expect(createClient({ baseUrl: server.origin }).login(person)).rejects.toBeInstanceOf(
    InvalidResponseError,
  );
  server.answers.clear();
  expect(await client.getAccessToken()).toMatch(/access2$/);
});

test("the login page of a network is no answer of the server", async () => {
  server.answers.set("/signup", (_request, response) => response.writeHead(200).end("<h1>Welcome</h1>"));
  await expect(client.signup(person)).rejects.toMatchObject({ name: "InvalidResponseError", status: 200 });
});

test.each([
  ["a body in a GET", { method: "GET", body: "hello" }],
  ["a method that is none", { method: "GE T" }],
  ["a header that is none", { headers: { "a b": "c" } }],
])("%s is a TypeError and not the network's fault", async (_what, init) => {
  await expect(client.fetch("posts", init)).rejects.toBeInstanceOf(TypeError);
  expect(server.seen).toEqual([]);
});

test.each([
  [{ baseURL: "https://api.example.com" }],
  [{ baseUrl: "" }],
  [{ baseUrl: "/auth" }],
  [{ baseUrl: "ftp://api.example.com" }],
  [{ baseUrl: "https://api.example.com/?a=1" }],
  [{ baseUrl: "https://api.example.com/?" }],
  [{ baseUrl: "https://api.example.com/#a" }],
  [{ baseUrl: "https://ada:secret@api.example.com" }],
  [{ baseUrl: new URL("https://api.example.com") }],
])("createClient(%j) is a TypeError that says what baseUrl must be", (options) => {
  expect(() => createClient(options as never)).toThrow(
    new TypeError("baseUrl must be an http(s) URL without query, fragment or user."),
  );
});
