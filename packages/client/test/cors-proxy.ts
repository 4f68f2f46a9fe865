// Stands before a server and lets pages of one other origin call it, as the server's own CORS does.
import { createServer, type IncomingMessage, request as forward, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface CorsProxy {
  readonly origin: string;
  /** Answers in the server's place, once. */
  answerNext(path: string, status: number, headers: Record<string, string>): void;
  /** What pages may read of an answer beside its body. */
  exposed: string;
  close(): Promise<void>;
}

/** Where a cookie may go along. */
const cookiePaths = /^\/(session|me|logout|login\/factor)\b/;

/** With `isPlain` it hands on what the server says, and adds nothing. */
export async function startCorsProxy(
  target: string,
  allowedOrigin: string,
  isPlain: boolean,
): Promise<CorsProxy> {
  const next = new Map<string, { status: number; headers: Record<string, string> }>();

  function corsHeaders({ headers, url = "" }: IncomingMessage): Record<string, string> {
    if (isPlain) return {};
    if (headers.origin !== allowedOrigin) return { vary: "Origin" };
    return {
      vary: "Origin",
      "access-control-allow-origin": allowedOrigin,
      "access-control-expose-headers": proxy.exposed,
      ...(cookiePaths.test(url) && { "access-control-allow-credentials": "true" }),
    };
  }

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const { method = "GET", url = "/" } = request;
    const cors = corsHeaders(request);
    if (method === "OPTIONS" && !isPlain) {
      const preflight = {
        "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers": "authorization, content-type",
        "access-control-max-age": "600",
      };
      response.writeHead(204, { ...cors, ...preflight }).end();
      return;
    }
    const answer = next.get(url);
    if (answer !== undefined) {
      next.delete(url);
      response.writeHead(answer.status, { ...cors, ...answer.headers }).end("{}");
      return;
    }
    const sent = forward(new URL(url, target), { method, headers: request.headers }, (received) => {
      response.writeHead(received.statusCode ?? 502, { ...received.headers, ...cors });
      received.pipe(response);
    });
    sent.on("error", () => response.destroy());
    request.pipe(sent);
  }

  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: CorsProxy = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerNext: (path, status, headers) => void next.set(path, { status, headers }),
    exposed: "WWW-Authenticate, Retry-After",
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
