// nginx in front of the list, the stream and the keys, with the lines that the document has for it.
import { AccessError, createAccessVerifier } from "@countersign/verifier";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent, get, type IncomingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { newFolder } from "../cli/installations.ts";
import { type Served, startServedIn } from "../cli/served.ts";
import { type Nginx, startNginx } from "../nginx.ts";
import { freePort } from "../postgres-cluster.ts";
import { openEventSource } from "./event-source.ts";
import { logIn, logOut } from "./sessions.ts";

const isFull = process.env["TEST_FULL"] === "1";
const loadSeconds = isFull ? 10 : 1;
const connections = 16;
const underWayOnEach = 4;
/** What the document promises. */
const longestAgeMs = 2000;
/** For the requests themselves, on a machine that has other things to do as well. */
const slackMs = isFull ? 200 : 1000;
const documents = ["/revocations", "/.well-known/jwks.json"] as const;

interface Front {
  readonly served: Served;
  readonly nginx: Nginx;
  readonly secret: string;
}

async function startFront(...more: readonly string[]): Promise<Front> {
  const port = await freePort();
  const nginx = await startNginx([port, port], directives());
  onTestFinished(() => nginx.stop());
  const secret = randomBytes(32).toString("base64url");
  const flags = { "--port": String(port), "--issuer": nginx.url, "--trusted-proxies": "127.0.0.1" };
  const served = await startServedIn(
    { COUNTERSIGN_FEED_FOLLOWERS: JSON.stringify({ posts: secret }) },
    ...Object.entries(flags).flat(),
    "--data-dir",
    await newFolder(),
    ...more,
  );
  onTestFinished(() => void served.process.kill("SIGKILL"));
  return { served, nginx, secret };
}

function directives(): { http: string; server: string } {
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/operations.md"), "utf8");
  const section = page.slice(page.indexOf("### A cache in front"));
  const [http = "", server = ""] = Array.from(
    section.matchAll(/```nginx\n(.*?)```/gs),
    ([, text = ""]) => text,
  );
  return { http, server };
}

/** How often the instance itself was asked. */
function asked({ log }: Served, path: string): number {
  return log.filter((line) => line.includes(`"route":"${path}"`)).length;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(url: string, agent: Agent, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    }).on("error", reject);
  });
}

/**
 * Asks for so long, on connections with some requests under way on each, as cheaply as can be: the client shares the
 * cores with what it asks. Returns how many were answered, and how many of these with 200.
 */
async function load(url: string, seconds: number): Promise<{ answered: number; good: number }> {
  const { hostname, port, host, pathname } = new URL(url);
  const request = `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\naccept: application/json\r\n\r\n`;
  let [answered, good] = [0, 0];
  const sockets = new Set<Socket>();
  function open(): void {
    const socket = connect({ host: hostname, port: Number(port) });
    sockets.add(socket);
    let rest = "";
    socket.on("data", (chunk: Buffer) => {
      const text = rest + chunk.toString("latin1");
      // A status line may come in two pieces, and counts once.
      rest = /HTTP\/1\.1 \d{3}/.test(text.slice(-11)) ? "" : text.slice(-11);
      const lines = text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
      answered += lines.length;
      good += lines.filter((line) => line.endsWith("200")).length;
      socket.write(request.repeat(lines.length));
    });
    socket.on("error", () => undefined);
    // nginx ends each after a thousand requests.
    socket.on("close", () => sockets.delete(socket) && open());
    socket.write(request.repeat(underWayOnEach));
  }
  const stop = (): void => {
    for (const socket of sockets) {
      sockets.delete(socket);
      socket.destroy();
    }
  };
  onTestFinished(stop);
  for (let count = 0; count < connections; count += 1) open();
  await sleep(seconds * 1000);
  stop();
  return { answered, good };
}

test("of thousands of requests for the list and the keys the server has one a second", async ({
  annotate,
}) => {
  const { served, nginx } = await startFront();
  for (const path of documents) {
    const before = asked(served, path);
    const { answered, good } = await load(nginx.url + path, loadSeconds);
    const reached = asked(served, path) - before;
    const perSecond = (count: number): string =>
      `${(count / loadSeconds).toFixed(count > 1000 ? 0 : 1)} a second`;
    const alone = isFull
      ? `; the server alone answered ${perSecond((await load(served.url + path, loadSeconds)).answered)}`
      : "";
    await annotate(
      `${path}: nginx answered ${perSecond(answered)}, and asked the server ${perSecond(reached)}${alone}`,
    );
    expect(good).toBe(answered);
    expect(answered).toBeGreaterThan(100 * loadSeconds);
    // One at once, one at the end of each second, and one more where two come at the same moment.
    expect(reached).toBeLessThanOrEqual(2 * loadSeconds + 2);
  }
});

test("the list is two seconds old at most and says so, and whoever has it gets 304", async () => {
  const { nginx } = await startFront();
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const url = `${nginx.url}/revocations`;
  const latest: number[] = [];
  for (let count = 0; count < (isFull ? 5 : 1); count += 1) {
    const session = await logIn(nginx.url, `ada${count}`);
    const { headers } = await ask(url, agent);
    // It is kept from just before the log-out: the worst there can be.
    const answeredAtMs = await logOut(nginx.url, session);
    while (!(await ask(url, agent)).body.includes(session.sid)) await sleep(10);
    latest.push(Date.now() - answeredAtMs);
    const { body, headers: kept } = await ask(url, agent);
    expect(body).toContain(session.sid);
    expect(kept.etag).not.toBe(headers.etag);
    expect(kept.age).toBe("2");
    expect((await ask(url, agent, { "if-none-match": String(kept.etag) })).status).toBe(304);
  }
  expect(Math.max(...latest)).toBeLessThan(longestAgeMs + slackMs);
});

test("the stream passes as it happens and ends at both sides, and a verifier behind nginx hears within a second", async () => {
  const metricsPort = await freePort();
  const { nginx, secret } = await startFront("--metrics-port", String(metricsPort));
  const authorization = `Basic ${Buffer.from(`posts:${secret}`).toString("base64")}`;
  const source = await openEventSource(`${nginx.url}/revocations`, undefined, { authorization });
  onTestFinished(() => source.close());
  expect(source.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
  await source.until((events) => events.length > 0);
  const session = await logIn(nginx.url, "ada");
  const verifier = createAccessVerifier({
    issuer: nginx.url,
    audience: nginx.url,
    feedCredentials: { id: "posts", secret },
  });
  onTestFinished(() => verifier.close());
  await verifier.ready();
  const isLetIn = async (): Promise<boolean> => {
    try {
      await verifier.authenticate(`Bearer ${session.accessToken}`);
      return true;
    } catch (error) {
      if (error instanceof AccessError && error.reason === "revoked") return false;
      throw error;
    }
  };
  expect(await isLetIn()).toBe(true);
  await expect.poll(() => verifier.status().revocations.connected, { timeout: 5000 }).toBe(true);

  const answeredAtMs = await logOut(nginx.url, session);
  await source.until((events) => events.some(({ event }) => event === "revocation"));
  expect(Date.now() - answeredAtMs).toBeLessThan(slackMs + 1000);
  await expect.poll(isLetIn, { timeout: slackMs + 1000 }).toBe(false);

  expect(await followersAt(metricsPort)).toBe(2);
  source.close();
  // nginx notices when there is something to pass on.
  const ofTheVerifier = async (): Promise<number> => {
    await logOut(nginx.url, await logIn(nginx.url, "ada"));
    return followersAt(metricsPort);
  };
  await expect.poll(ofTheVerifier, { timeout: 15_000 }).toBe(1);
});

async function followersAt(metricsPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return Number(/^countersign_feed_followers\{kind="named"\} (\d+)$/m.exec(text)?.[1]);
}

test("what is told to a follower with a name is kept for nobody", async () => {
  const { nginx, secret } = await startFront("--feed", "followers");
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const url = `${nginx.url}/revocations`;
  const authorization = `Basic ${Buffer.from(`posts:${secret}`).toString("base64")}`;
  for (let count = 0; count < 3; count += 1) {
    const { status, headers } = await ask(url, agent, { authorization });
    expect([status, headers.age]).toEqual([200, undefined]);
    expect((await ask(url, agent)).status).toBe(401);
  }
});
