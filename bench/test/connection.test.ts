import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { bodyOf, Connection, statusOf } from "../connection.ts";

const request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
let server: Server | undefined;
let connection: Connection | undefined;

afterEach(() => {
  connection?.close();
  server?.close();
  server?.closeAllConnections();
});

async function connectTo(answer: Parameters<typeof createServer>[1] & object): Promise<Connection> {
  server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => server?.once("listening", resolve));
  connection = new Connection((server.address() as AddressInfo).port);
  return connection;
}

test("an answer of a known length comes whole, however it is cut", async () => {
  const client = await connectTo((_request, response) => {
    response.writeHead(201, { "content-length": 10 }).write("first");
    setImmediate(() => response.end("later"));
  });
  const answer = await client.ask(request);
  expect(statusOf(answer)).toBe(201);
  expect(bodyOf(answer)).toBe("firstlater");
});

test("an answer in chunks comes whole, and the connection takes the next request", async () => {
  const client = await connectTo((_request, response) => {
    response.write("first");
    setImmediate(() => response.end("later"));
  });
  expect(bodyOf(await client.ask(request))).toContain("later");
  expect(statusOf(await client.ask(request))).toBe(200);
});

test("a server that hangs up fails the request under way, and every later one", async () => {
  const client = await connectTo((_request, response) => response.destroy());
  await expect(client.ask(request)).rejects.toThrow("the server closed the connection");
  await expect(client.ask(request)).rejects.toThrow("the server closed the connection");
  expect(client.isOpen).toBe(false);
});
