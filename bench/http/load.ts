/** The load, in a process of its own: requests over plain sockets, one at a time on each connection. */
import { createSigner, importPem, secretKey, type Signer } from "@countersign/token";
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { TokenKind } from "./cases.ts";
import type { Trust } from "./trust.ts";

export interface LoadOrder {
  readonly port: number;
  readonly tokens: TokenKind;
  readonly token: string | undefined;
  readonly trust: Trust;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly runMs: number;
}

export type LoadMessage =
  | { readonly type: "begin" }
  | { readonly type: "end"; readonly requests: number; readonly elapsedMs: number; readonly p99Ms: number }
  | { readonly type: "failed"; readonly answer: string };

const recurringTokens = 500;
const freshHs256Tokens = 120_000;
const freshEs256Tokens = 40_000;

process.on("message", (order: LoadOrder) => void carryOut(order));
process.once("disconnect", () => process.exit(0));

async function carryOut(order: LoadOrder): Promise<void> {
  const requests = makeRequests(order);
  let next = 0;
  const latencies: number[] = [];
  let counting = false;
  const running = { stopped: false };

  async function keepSending(): Promise<void> {
    const socket = connect(order.port, "127.0.0.1");
    socket.setNoDelay(true);
    while (!running.stopped) {
      const sent = performance.now();
      socket.write(requests[next++ % requests.length] ?? "", "latin1");
      await readAnswer(socket);
      if (counting) latencies.push(performance.now() - sent);
    }
    socket.destroy();
  }

  try {
    const senders = Array.from({ length: order.connections }, keepSending);
    const failure = Promise.all(senders);
    await Promise.race([pause(order.warmUpMs), failure]);
    report({ type: "begin" });
    counting = true;
    const started = performance.now();
    await Promise.race([pause(order.runMs), failure]);
    const elapsedMs = performance.now() - started;
    counting = false;
    latencies.sort((a, b) => a - b);
    const p99Ms = latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN;
    report({ type: "end", requests: latencies.length, elapsedMs, p99Ms });
    running.stopped = true;
    await failure;
  } catch (error) {
    report({ type: "failed", answer: error instanceof Error ? error.message : "no answer" });
  }
}

/** Each request as the text that goes over the wire. */
function makeRequests({ tokens, token, trust }: LoadOrder): string[] {
  const head = "GET /posts HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  const withToken = (text: string): string => `${head}Authorization: Bearer ${text}\r\n\r\n`;
  if (tokens === "of the server") return [withToken(token ?? "")];
  const { issuer, audience } = trust;
  const key =
    tokens === "fresh ES256"
      ? importPem("ES256", trust.privatePem)
      : secretKey("HS256", Buffer.from(trust.secret, "base64url"));
  const sign = createSigner({ key, type: "at+jwt", issuer, audience, lifetimeSeconds: 3600 });
  const count = {
    "recurring HS256": recurringTokens,
    "fresh HS256": freshHs256Tokens,
    "fresh ES256": freshEs256Tokens,
  }[tokens];
  return Array.from({ length: count }, () => withToken(makeToken(sign)));
}

/** The claims of a real access token: about 370 bytes on the wire. */
function makeToken(sign: Signer): string {
  const id = (): string => randomBytes(16).toString("base64url");
  const authTime = Math.floor(Date.now() / 1000);
  return sign({
    sub: id(),
    jti: id(),
    sid: id(),
    client_id: "first-party",
    auth_time: authTime,
    amr: ["pwd"],
    roles: ["user"],
  });
}

/** Resolves when one whole answer with status 200 has come. */
function readAnswer(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const headerEnd = text.indexOf("\r\n\r\n");
      if (headerEnd === -1) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1]);
      if (text.length < headerEnd + 4 + length) return;
      finish();
      if (text.startsWith("HTTP/1.1 200 ")) resolve();
      else reject(new TypeError(text.slice(0, text.indexOf("\r\n"))));
    };
    const onEnd = (): void => {
      finish();
      reject(new TypeError("the server closed the connection"));
    };
    const finish = (): void => {
      socket.off("data", onData).off("error", onEnd).off("close", onEnd);
    };
    socket.on("data", onData).once("error", onEnd).once("close", onEnd);
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function report(message: LoadMessage): void {
  process.send?.(message);
}
