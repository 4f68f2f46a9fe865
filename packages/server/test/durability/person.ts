// Somebody who uses an installation through whichever instance is asked.
import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { servedIssuer } from "../cli/served.ts";
import { renew, sidOf } from "../requests.ts";

export interface Session {
  readonly sid: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface CookieSession {
  readonly cookie: string;
}

export class Person {
  readonly #account = {
    email: `${randomBytes(6).toString("hex")}@example.com`,
    password: "tangerine violin ledger",
  };

  static async signUp(url: string): Promise<Person> {
    const person = new Person();
    expect((await person.#post(`${url}/signup`)).status).toBe(201);
    return person;
  }

  async logIn(url: string): Promise<Session> {
    return sessionOf(await this.#post(`${url}/login`));
  }

  async renew(url: string, session: Session): Promise<Session> {
    return sessionOf(await renew(url, session.refreshToken));
  }

  async statusOfRenewal(url: string, session: Session): Promise<number> {
    return (await renew(url, session.refreshToken)).status;
  }

  async logOut(url: string, session: Session): Promise<void> {
    const headers = headersOf(session);
    expect((await fetch(`${url}/logout`, { method: "POST", headers })).status).toBe(204);
  }

  async openCookie(url: string): Promise<CookieSession> {
    const response = await this.#post(`${url}/session`);
    const [cookie] = /__Host-session=[\w-]{43}/.exec(response.headers.getSetCookie().join()) ?? [];
    if (cookie === undefined) throw new TypeError(`nobody was logged in: ${await response.text()}`);
    return { cookie };
  }

  async closeCookie(url: string, session: CookieSession): Promise<void> {
    const headers = headersOf(session);
    expect((await fetch(`${url}/session`, { method: "DELETE", headers })).status).toBe(204);
  }

  async statusOfMe(url: string, session: Session | CookieSession): Promise<number> {
    return (await fetch(`${url}/me`, { headers: headersOf(session) })).status;
  }

  #post(url: string): Promise<Response> {
    const headers = { "content-type": "application/json", origin: servedIssuer };
    return fetch(url, { method: "POST", headers, body: JSON.stringify(this.#account) });
  }
}

function headersOf(session: Session | CookieSession): Record<string, string> {
  return "cookie" in session
    ? { cookie: session.cookie, origin: servedIssuer }
    : { authorization: `Bearer ${session.accessToken}` };
}

async function sessionOf(response: Response): Promise<Session> {
  const text = await response.text();
  expect([response.status, text]).toEqual([200, expect.any(String)]);
  const { access_token: accessToken, refresh_token: refreshToken } = JSON.parse(text) as {
    readonly access_token: string;
    readonly refresh_token: string;
  };
  return { sid: sidOf(accessToken), accessToken, refreshToken };
}
