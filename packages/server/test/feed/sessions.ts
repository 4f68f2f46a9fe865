// Real sessions of a server that runs, to be ended one by one.
import { expect } from "vitest";
import { post, sidOf } from "../requests.ts";

export interface LoggedIn {
  readonly sid: string;
  readonly accessToken: string;
}

const password = "tangerine violin ledger";

/** Logs in under a name, whose account is made where there is none yet. */
export async function logIn(url: string, name: string): Promise<LoggedIn> {
  const account = { email: `${name}@example.com`, password };
  let response = await post(url, "/login", account);
  if (response.status === 401) {
    expect((await post(url, "/signup", account)).status).toBe(201);
    response = await post(url, "/login", account);
  }
  expect(response.status).toBe(200);
  const { access_token: accessToken } = (await response.json()) as { readonly access_token: string };
  return { sid: sidOf(accessToken), accessToken };
}

/** Returns when it was answered, in milliseconds since the epoch. */
export async function logOut(url: string, { accessToken }: LoggedIn): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` };
  const { status } = await fetch(`${url}/logout`, { method: "POST", headers });
  const atMs = Date.now();
  expect(status).toBe(204);
  return atMs;
}
