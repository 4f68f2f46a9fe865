// A server whose answers a test writes, for what the real one does not do on demand; it counts what
// it is asked.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => unknown;

export interface ScriptedServer {
  readonly origin: string;
  /** What it has seen of each request: its path, and the token that it carried. */
  readonly seen: string[];
  /** In place of the usual answers to a path, until it is taken out again. */
  readonly answers: Map<string, Answer>;
  /** The account that logs in. */
  account: string;
  readonly mostRenewalsAtOnce: () => number;
  readonly close: () => Promise<void>;
}

export const lifetimeSeconds = 600;

export async function startScriptedServer(): Promise<ScriptedServer> {
  const seen: string[] = [];
  const answers = new Map<string, Answer>();
  let generation = 0;
  let underWay = 0;
  let mostUnderWay = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const body = await text(request);
    seen.push(`${path} ${carriedBy(request, body)}`.trim());
    const answer = answers.get(path);
    if (answer !== undefined) return void answer(request, response, body);
    if (path !== "/login" && path !== "/token" && path !== "/login/factor") return reply(response, 200, {});
    underWay += 1;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    await new Promise((resolve) => setTimeout(resolve, 5));
    underWay -= 1;
    generation += 1;
    reply(response, 200, tokensOf(running.account, generation));
  }

  const server = createServer((request, response) => void serve(request, response).catch(() => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const running: ScriptedServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answers,
    account: "ada",
    mostRenewalsAtOnce: () => mostUnderWay,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return running;
}

/** `refresh1`, or of an access token its last part: `Bearer access1`. */
function carriedBy({ headers, url }: IncomingMessage, body: string): string {
  if (url === "/token") return new URLSearchParams(body).get("refresh_token") ?? "";
  return (headers.authorization ?? "").replace(/\S+\./, "");
}

export function tokensOf(account: string, generation: number): object {
  const payload = Buffer.from(JSON.stringify({ sub: account })).toString("base64url");
  return {
    access_token: `header.${payload}.access${generation}`,
    refresh_token: `refresh${generation}`,
    token_type: "Bearer",
    expires_in: lifetimeSeconds,
  };
}

export function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

export const invalidToken: Answer = (_request, response) =>
  reply(response, 401, {}, { "www-authenticate": 'Bearer error="invalid_token"' });

export const invalidGrant: Answer = (_request, response) =>
  reply(response, 400, { error: "invalid_grant", error_description: "It is over." });
