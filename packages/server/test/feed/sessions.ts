// Real sessions of a server that runs, to be ended one by one.
import { expect } from "vitest";

export interface LoggedIn {
  readonly sid: string;
  readonly accessToken: string;
}

const password = "tangerine violin ledger";

/** Logs in under a name, whose account is made where there is none yet. */
export async function logIn(url: string, name: string): Promise<LoggedIn> {
  const post = (path: string): Promise<Response> =>
    fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: `${name}@example.com`, password }),
    });
  let response = await post("/login");
  if (response.status === 401) {
    expect((await post("/signup")).status).toBe(201);
    response = await post("/login");
  }
  expect(response.status).toBe(200);
  const { access_token: accessToken } = (await response.json()) as { readonly access_token: string };
  const claims = Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString();
  return { sid: (JSON.parse(claims) as { readonly sid: string }).sid, accessToken };
}

/** Returns when it was answered, in milliseconds since the epoch. */
export async function logOut(url: string, { accessToken }: LoggedIn): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` };
  const { status } = await fetch(`${url}/logout`, { method: "POST", headers });
  const atMs = Date.now();
  expect(status).toBe(204);
  return atMs;
}
