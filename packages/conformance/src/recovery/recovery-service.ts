// A service whose accounts are recovered by mail, as the cases see it: JSON by POST, and mail that somebody reads.
import { randomBytes } from "node:crypto";
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { createRequestRate } from "../http/request-rate.ts";
import { UrlTargetError } from "../http/url-target-error.ts";

/** A mail, as far as it matters: what can be clicked (to a new password where the path says `reset`), and what can be typed. */
export interface RecoveryMail {
  readonly links: readonly string[];
  readonly codes: readonly string[];
}

/** Where the routes are, below the URL. */
export interface RecoveryPaths {
  /** `{email, password}`. */
  readonly signup: string;
  /** `{email, password}` for `{access_token}`. */
  readonly login: string;
  /** `GET`, with the access token: 2xx while it counts. */
  readonly account: string;
  /** `PUT {current_password, new_password}` with the access token, for `{access_token}`. */
  readonly password: string;
  /** `{email}`. */
  readonly forgotten: string;
  /** `{token, new_password}`, or `{email, code, new_password}`. */
  readonly reset: string;
}

export const defaultPaths: RecoveryPaths = {
  signup: "signup",
  login: "login",
  account: "me",
  password: "me/password",
  forgotten: "password/forgotten",
  reset: "password/reset",
};

export interface RecoveryTarget {
  /** Of a service of one's own, with accounts that nobody needs. */
  readonly url: string | URL;
  /** All mail that has come to an address so far, in any order: of a mail server for tests, or a dev mailbox. */
  readonly mailTo: (address: string) => Promise<readonly RecoveryMail[]>;
  readonly paths?: Partial<RecoveryPaths>;
  /** Default 20. */
  readonly requestsPerSecond?: number;
  /** How long a mail may take. Default 20. */
  readonly mailSeconds?: number;
}

export interface RecoveryAnswer {
  readonly status: number;
  readonly body: string;
}

export interface Person {
  readonly email: string;
  readonly password: string;
}

/** What a mail gave away. */
export interface Mailed {
  readonly link: string;
  readonly token: string;
  readonly code: string | undefined;
}

export type Shown = { readonly token: string } | { readonly email: string; readonly code: string };

export interface RecoveryService {
  readonly host: string;
  /** An address that nobody has. */
  newAddress(): string;
  newPassword(): string;
  /** Somebody with an account. @throws UrlTargetError where nobody can sign up */
  newPerson(): Promise<Person>;
  /** The access token; undefined: nobody was let in. */
  logIn(person: Person): Promise<string | undefined>;
  isLoggedIn(accessToken: string): Promise<boolean>;
  /** What it answers; `headers` win over one's own. */
  forgotten(email: string, headers?: Readonly<Record<string, string>>): Promise<RecoveryAnswer>;
  /** The mail that the next request for one brings. @throws UrlTargetError where none comes */
  mailFor(email: string): Promise<Mailed>;
  /** Every link that has come to an address, once there are as many mails. Fewer where no more come. */
  linksTo(email: string, mails: number): Promise<readonly string[]>;
  /** Whether the new password was taken. */
  reset(shown: Shown, newPassword: string): Promise<boolean>;
  /** The access token of the session that goes on; undefined: it was refused. */
  changePassword(accessToken: string, current: string, newPassword: string): Promise<string | undefined>;
  /** As a program does that looks at mail before people do. */
  scan(link: string): Promise<void>;
}

const patienceTries = 5;
const longestWaitSeconds = 60;
const pollMs = 50;

export function createRecoveryService(target: RecoveryTarget): RecoveryService {
  const { mailTo, requestsPerSecond = 20, mailSeconds = 20 } = target;
  const paths = { ...defaultPaths, ...target.paths };
  const base = new URL(target.url);
  const root = base.href.endsWith("/") ? base.href : `${base.href}/`;
  const nextTurn = createRequestRate(requestsPerSecond);

  async function ask(
    method: string,
    url: URL,
    {
      body,
      headers = {},
    }: { readonly body?: object; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<RecoveryAnswer> {
    for (let tries = 0; tries < patienceTries; tries += 1) {
      await nextTurn();
      const { retryAfterSeconds, ...answer } = await send(method, url, body, headers);
      if (answer.status !== 429) return answer;
      const seconds = retryAfterSeconds ?? 2 ** tries;
      if (seconds > longestWaitSeconds) break;
      await delay(seconds * 1000);
    }
    throw new UrlTargetError(
      "rate_limited",
      "It keeps answering 429, and a refusal by its rate limit says nothing about recovery. Lift the limit for this run.",
    );
  }

  const at = (path: string): URL => new URL(path, root);
  const post = (path: string, body: object, headers?: Readonly<Record<string, string>>) =>
    ask("POST", at(path), { body, ...(headers === undefined ? {} : { headers }) });
  const newPassword = (): string => randomBytes(24).toString("base64url");
  const newAddress = (): string => `kit-${randomBytes(8).toString("hex")}@example.com`;

  async function mailsTo(email: string, count: number): Promise<readonly RecoveryMail[]> {
    for (const startMs = performance.now(); ;) {
      const mails = (await mailTo(email)).filter(({ links }) =>
        links.some((link) => tokenOf(link) !== undefined),
      );
      if (mails.length >= count || performance.now() - startMs > mailSeconds * 1000) return mails;
      await delay(pollMs);
    }
  }

  async function forgotten(
    email: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<RecoveryAnswer> {
    return post(paths.forgotten, { email }, headers);
  }

  return {
    host: base.host,
    newAddress,
    newPassword,
    async newPerson() {
      const person = { email: newAddress(), password: newPassword() };
      const { status } = await post(paths.signup, person);
      if (isSuccess(status)) return person;
      throw new UrlTargetError("unreachable", `Nobody can sign up: it answers ${status}.`);
    },
    logIn: async (person) => accessTokenOf(await post(paths.login, person)),
    async isLoggedIn(token) {
      const { status } = await ask("GET", at(paths.account), {
        headers: { authorization: `Bearer ${token}` },
      });
      return isSuccess(status);
    },
    forgotten,
    async mailFor(email) {
      const before = new Set((await mailTo(email)).flatMap(({ links }) => links));
      const known = (await mailsTo(email, 0)).length;
      await forgotten(email);
      const mails = await mailsTo(email, known + 1);
      const mail = mails.find(({ links }) => links.some((link) => !before.has(link)));
      const link = mail?.links.find((each) => tokenOf(each) !== undefined && !before.has(each));
      const token = link === undefined ? undefined : tokenOf(link);
      if (mail === undefined || link === undefined || token === undefined)
        throw new UrlTargetError("unreachable", "No mail with a link came for a forgotten password.");
      return { link, token, code: mail.codes[0] };
    },
    linksTo: async (email, count) => (await mailsTo(email, count)).flatMap(({ links }) => links),
    async reset(shown, password) {
      return isSuccess((await post(paths.reset, { ...shown, new_password: password })).status);
    },
    async changePassword(token, current, password) {
      const body = { current_password: current, new_password: password };
      const headers = { authorization: `Bearer ${token}` };
      return accessTokenOf(await ask("PUT", at(paths.password), { body, headers }));
    },
    async scan(link) {
      const { pathname, search, hash } = new URL(link);
      const token = tokenOf(link) ?? "";
      const seen = [
        new URL(`${pathname}${search}`, root),
        // Where a page would send it on, and where somebody would guess that it is sent.
        new URL(`${pathname}?${hash.slice(1)}`, root),
        ...[paths.reset, paths.forgotten].map((path) => new URL(`?token=${token}`, at(path))),
      ];
      for (const url of seen) for (const method of ["GET", "HEAD", "OPTIONS"]) await ask(method, url);
    },
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function accessTokenOf({ status, body }: RecoveryAnswer): string | undefined {
  if (!isSuccess(status)) return undefined;
  const { access_token: token } = JSON.parse(body) as { readonly access_token?: unknown };
  return typeof token === "string" ? token : undefined;
}

/** Of a link to a new password: in the fragment, or, as it should not be, in the query. */
function tokenOf(link: string): string | undefined {
  if (!URL.canParse(link)) return undefined;
  const { pathname, hash, searchParams } = new URL(link);
  if (!/reset/i.test(pathname)) return undefined;
  return new URLSearchParams(hash.slice(1)).get("token") ?? searchParams.get("token") ?? undefined;
}

/** Not `fetch`, which lets nobody write `Host`. */
function send(
  method: string,
  url: URL,
  body: object | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<RecoveryAnswer & { readonly retryAfterSeconds: number | undefined }> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const all = { ...(payload === undefined ? {} : { "content-type": "application/json" }), ...headers };
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: all, timeout: 30_000 }, (response: IncomingMessage) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const after = Number(response.headers["retry-after"] ?? Number.NaN);
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(parts).toString("utf8"),
          retryAfterSeconds: Number.isFinite(after) ? after : undefined,
        });
      });
    });
    sent.on("timeout", () => sent.destroy(new UrlTargetError("unreachable", `${url.origin} says nothing.`)));
    sent.on("error", (cause) =>
      reject(
        cause instanceof UrlTargetError
          ? cause
          : new UrlTargetError("unreachable", `There is no answer from ${url.origin}.`, { cause }),
      ),
    );
    sent.end(payload);
  });
}
