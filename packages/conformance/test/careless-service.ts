// A service whose accounts are recovered by mail, in memory: right, but for the flaws that it is told to have.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { RecoveryMail } from "../src/index.ts";

export type Carelessness =
  /** Writes links by what a request says of its host. */
  | "trusts-hosts"
  | "counts-no-tries"
  /** Counts a try once it was wrong, and not before it is compared. */
  | "counts-late"
  | "takes-codes-of-others"
  | "takes-codes-as-tokens"
  | "tells-who-has-an-account"
  | "keeps-sessions"
  | "keeps-old-passwords"
  | "uses-links-twice"
  | "leaves-codes"
  | "leaves-older-links"
  /** Reads, waits, and writes. */
  | "has-races"
  | "uses-links-up-by-opening"
  | "kills-links-with-codes"
  | "kills-older-links"
  | "refuses-everybody";

interface Account {
  password: string;
  /** Passwords of before, where they go on. */
  readonly old: Set<string>;
  readonly sessions: Set<string>;
  version: number;
}

interface Mailed {
  readonly email: string;
  readonly token: string;
  readonly code: string;
  tries: number;
  isDead: boolean;
}

export interface CarelessService {
  readonly url: string;
  mailTo(address: string): Promise<readonly RecoveryMail[]>;
}

const hosts = ["host", "x-forwarded-host", "x-forwarded-server", "x-host", "x-original-host"];

export async function startCarelessService(flaw?: Carelessness): Promise<CarelessService> {
  const accounts = new Map<string, Account>();
  const mails: Mailed[] = [];
  const inbox = new Map<string, RecoveryMail[]>();
  const secret = (): string => randomBytes(16).toString("hex");
  const pause = (): Promise<void> => delay(flaw === "has-races" ? 20 : 0);

  function open(account: Account): { status: number; body: object } {
    const token = secret();
    account.sessions.add(token);
    return { status: 200, body: { access_token: token } };
  }

  function hostOf({ headers }: IncomingMessage, own: string): string {
    if (flaw !== "trusts-hosts") return own;
    const said = hosts.map((name) => headers[name]).findLast((value) => typeof value === "string");
    const forwarded = /host=([^;]+)/.exec(headers.forwarded ?? "")?.[1];
    const page = headers.origin ?? headers.referer;
    return (
      forwarded ??
      (page === undefined ? undefined : new URL(page).host) ??
      (said as string | undefined) ??
      own
    );
  }

  function find(body: Readonly<Record<string, string>>): Mailed | undefined {
    const { token, email, code } = body;
    const living = mails.filter(({ isDead }) => !isDead);
    if (token !== undefined)
      return living.find(
        (mail) => mail.token === token || (flaw === "takes-codes-as-tokens" && mail.code === token),
      );
    const own = living.filter(
      (mail) => mail.email === email && (mail.tries < 10 || flaw === "counts-no-tries"),
    );
    const right = own.find((mail) => mail.code === code);
    if (right === undefined) {
      for (const mail of own) {
        if (flaw === "counts-late") void delay(5).then(() => (mail.tries += mail.tries < 9 ? 1 : 0));
        else mail.tries += 1;
        if (flaw === "kills-links-with-codes" && mail.tries === 10) mail.isDead = true;
      }
    }
    if (right === undefined && flaw === "takes-codes-of-others" && living.some((mail) => mail.code === code))
      return living.find((mail) => mail.email === email);
    return right;
  }

  async function reset(body: Readonly<Record<string, string>>) {
    const mail = find(body);
    await pause();
    const account = mail && accounts.get(mail.email);
    if (mail === undefined || account === undefined || flaw === "refuses-everybody")
      return { status: 400, body: {} };
    if (mail.isDead && flaw !== "has-races" && flaw !== "uses-links-twice") return { status: 400, body: {} };
    if (flaw === "keeps-old-passwords") account.old.add(account.password);
    account.password = body["new_password"] ?? "";
    account.version += 1;
    if (flaw !== "keeps-sessions") account.sessions.clear();
    for (const each of mails.filter(({ email }) => email === mail.email)) {
      if (each === mail ? flaw === "uses-links-twice" : flaw === "leaves-older-links") continue;
      if (each === mail && flaw === "leaves-codes" && body["token"] !== undefined) {
        mails.push({ ...mail, token: secret() });
      }
      each.isDead = true;
    }
    return { status: 200, body: {} };
  }

  async function answer(request: IncomingMessage, own: string): Promise<{ status: number; body: object }> {
    const { method = "", headers } = request;
    const url = new URL(request.url ?? "/", "http://service");
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString("utf8");
    const body = (text === "" ? {} : JSON.parse(text)) as Readonly<Record<string, string>>;
    const { email = "", password = "" } = body;
    const account = accounts.get(email);
    const session = headers.authorization?.slice("Bearer ".length) ?? "";
    const loggedIn = [...accounts.values()].find(({ sessions }) => sessions.has(session));
    switch (`${method} ${url.pathname}`) {
      case "POST /signup":
        accounts.set(email, { password, old: new Set(), sessions: new Set(), version: 1 });
        return { status: 201, body: {} };
      case "POST /login":
        if (account === undefined || (account.password !== password && !account.old.has(password)))
          return { status: 401, body: {} };
        return open(account);
      case "GET /me":
        return { status: loggedIn === undefined ? 401 : 200, body: {} };
      case "PUT /me/password": {
        if (loggedIn === undefined || loggedIn.password !== body["current_password"])
          return { status: 401, body: {} };
        const { version } = loggedIn;
        await delay(flaw === "has-races" ? 80 : 10);
        if (loggedIn.version !== version && flaw !== "has-races") return { status: 401, body: {} };
        loggedIn.password = body["new_password"] ?? "";
        loggedIn.version += 1;
        loggedIn.sessions.clear();
        // A code that was made for the password of before is dead.
        for (const mail of mails)
          if (accounts.get(mail.email) === loggedIn) mail.isDead = flaw !== "has-races";
        return open(loggedIn);
      }
      case "POST /password/forgotten": {
        if (account === undefined)
          return flaw === "tells-who-has-an-account" ? { status: 404, body: {} } : { status: 202, body: {} };
        if (flaw === "kills-older-links")
          for (const mail of mails) if (mail.email === email) mail.isDead = true;
        const mail = { email, token: secret(), code: codeOf(), tries: 0, isDead: false };
        mails.push(mail);
        const link = `http://${hostOf(request, own)}/reset#token=${mail.token}`;
        inbox.set(email, [...(inbox.get(email) ?? []), { links: [link], codes: [mail.code] }]);
        return { status: 202, body: {} };
      }
      case "POST /password/reset":
        return reset(body);
      default: {
        const token = url.searchParams.get("token");
        const opened =
          flaw === "uses-links-up-by-opening" ? mails.find((mail) => mail.token === token) : undefined;
        if (opened !== undefined) opened.isDead = true;
        return { status: 404, body: {} };
      }
    }
  }

  const server = createServer((request, response) => {
    void answer(request, `127.0.0.1:${(server.address() as AddressInfo).port}`).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    mailTo: async (address) => inbox.get(address) ?? [],
  };
}

function codeOf(): string {
  return String(randomBytes(4).readUInt32BE() % 100_000_000).padStart(8, "0");
}
