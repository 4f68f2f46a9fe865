// What a person sees of the API: nothing without a login, their own notes with one, and nothing after the log-out.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { startService, type Service } from "./service.ts";

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function send(url: string, init: { token?: string; body?: object } = {}): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (init.token !== undefined) headers["authorization"] = `Bearer ${init.token}`;
  if (init.body !== undefined) headers["content-type"] = "application/json";
  const method = init.body === undefined ? "GET" : "POST";
  const response = await fetch(url, {
    method,
    headers,
    body: init.body === undefined ? null : JSON.stringify(init.body),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

async function logIn(): Promise<Tokens> {
  const account = { email: `${randomUUID()}@example.com`, password: "tangerine violin ledger" };
  assert.equal((await send(`${service.authUrl}/signup`, { body: account })).status, 201);
  const login = await send(`${service.authUrl}/login`, { body: account });
  assert.equal(login.status, 200);
  return login.body as Tokens;
}

test("a stranger gets no notes", async () => {
  assert.equal((await send(`${service.apiUrl}/notes`)).status, 401);
});

test("people see their own notes", async () => {
  const [ada, bob] = [await logIn(), await logIn()];
  const notes = `${service.apiUrl}/notes`;
  const written = await send(notes, { token: ada.access_token, body: { text: "buy strings" } });
  assert.equal(written.status, 201);
  assert.deepEqual((await send(notes, { token: ada.access_token })).body, [written.body]);
  assert.deepEqual((await send(notes, { token: bob.access_token })).body, []);
});

test("a log-out is heard", async () => {
  const { access_token: token, refresh_token } = await logIn();
  const notes = `${service.apiUrl}/notes`;
  assert.equal((await send(notes, { token })).status, 200);
  const logout = await send(`${service.authUrl}/logout`, { body: { refresh_token } });
  assert.equal(logout.status, 204);
  while ((await send(notes, { token })).status !== 401)
    await new Promise((resolve) => setTimeout(resolve, 20));
});
