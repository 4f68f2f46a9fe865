// Real HTTP servers for the tests: on a free port of this machine, closed after the test.
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** @returns the origin, like `http://127.0.0.1:40000` */
export async function listen(handler: Handler): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** The bearer token of a request with exactly one Authorization field; `undefined` without. */
export function bearerOf(request: IncomingMessage): string | undefined {
  const fields = request.headersDistinct["authorization"] ?? [];
  const [field = ""] = fields;
  return fields.length === 1 ? /^bearer (\S+)$/i.exec(field)?.[1] : undefined;
}

/** Answers 200 where `admits` says so, 401 otherwise. */
export function guardedBy(admits: (token: string | undefined, request: IncomingMessage) => boolean): Handler {
  return (request, response) => {
    const token = bearerOf(request);
    response.statusCode = admits(token, request) ? 200 : 401;
    response.setHeader("WWW-Authenticate", token === undefined ? "Bearer" : 'Bearer error="invalid_token"');
    response.end("{}");
  };
}
