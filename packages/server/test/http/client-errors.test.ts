import type { FastifyInstance } from "fastify";
import { connect, type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newApp } from "../app.ts";

let app: FastifyInstance;
beforeAll(async () => {
  app = newApp({ issuer: "http://127.0.0.1:3000" });
  await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => app.close());

/** Sends the text as it is, and returns what comes back until the connection ends. */
async function send(text: string): Promise<{ status: number; type: string | undefined; problem: unknown }> {
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
  socket.on("error", () => undefined);
  socket.end(text);
  await new Promise((resolve) => socket.once("close", resolve));
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]),
    type: /^content-type: (.*)$/im.exec(head)?.[1],
    problem: body === "" ? undefined : JSON.parse(body),
  };
}

const host = "Host: 127.0.0.1\r\n";

test.each([
  ["an unknown method", `FROBNICATE /login HTTP/1.1\r\n${host}\r\n`, 501, "method_unknown"],
  ["what is not HTTP", "\u0016\u0003\u0001\u0002\u0000hello\r\n\r\n", 400, "invalid_request"],
  [
    "two framings",
    `POST /login HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    "invalid_request",
  ],
  ["no Host", "GET /health/live HTTP/1.1\r\n\r\n", 400, undefined],
  [
    "headers beyond 128 KiB",
    `GET /me HTTP/1.1\r\n${host}X-Long: ${"a".repeat(140_000)}\r\n\r\n`,
    431,
    "headers_too_large",
  ],
  [
    "too many header lines",
    `GET /me HTTP/1.1\r\n${host}${"X-Line: aaaaaaaaaaaaaaaaaaaa\r\n".repeat(6000)}\r\n`,
    431,
    "headers_too_large",
  ],
] as const)("RFC 9457: %s is refused with a problem document", async (_what, text, status, code) => {
  const answer = await send(text);
  expect(answer.status).toBe(status);
  if (code === undefined) return;
  expect(answer.type).toBe("application/problem+json");
  expect(answer.problem).toMatchObject({
    type: `http://127.0.0.1:3000/problems/${code}`,
    status,
    code,
    title: expect.any(String) as string,
  });
});

test("RFC 9112 §3.2: two Host lines are refused, on every route, whatever they say", async () => {
  for (const path of ["/health/live", "/login", "/me", "/nothing"]) {
    for (const second of ["Host: 127.0.0.1", "host: evil.example", "HOST:x"]) {
      const answer = await send(`GET ${path} HTTP/1.1\r\n${host}${second}\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatchObject({ status: 400, problem: { code: "invalid_request" } });
    }
  }
});

test("a method that Node knows and no route takes is 405 with the list, or 404", async () => {
  const known = await send(`PROPFIND /login HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
  expect(known).toMatchObject({ status: 405, problem: { code: "method_not_allowed" } });
  const unknown = await send(`PROPFIND /nothing HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
  expect(unknown).toMatchObject({ status: 404, problem: { code: "not_found" } });
});
