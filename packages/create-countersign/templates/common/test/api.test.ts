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

interface Sent {
  readonly method?: string;
  readonly token?: string;
  readonly body?: object;
}

async function send(url: string, { method, token, body }: Sent = {}): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await fetch(url, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

/** Resolves with an access token. */
async function logIn(): Promise<string> {
  const account = { email: `${randomUUID()}@example.com`, password: "tangerine violin ledger" };
  assert.equal((await send(`${service.authUrl}/signup`, { body: account })).status, 201);
  const login = await send(`${service.authUrl}/login`, { body: account });
  assert.equal(login.status, 200);
  return (login.body as { access_token: string }).access_token;
}

test("a stranger gets no notes", async () => {
  assert.equal((await send(`${service.apiUrl}/notes`)).status, 401);
});

test("people see their own notes", async () => {
  const [ada, bob] = [await logIn(), await logIn()];
  const notes = `${service.apiUrl}/notes`;
  const written = await send(notes, { token: ada, body: { text: "buy strings" } });
  assert.equal(written.status, 201);
  assert.deepEqual((await send(notes, { token: ada })).body, [written.body]);
  assert.deepEqual((await send(notes, { token: bob })).body, []);
});

test("a log-out is heard", async () => {
  const token = await logIn();
  const notes = `${service.apiUrl}/notes`;
  assert.equal((await send(notes, { token })).status, 200);
  assert.equal((await send(`${service.authUrl}/logout`, { method: "POST", token })).status, 204);
  while ((await send(notes, { token })).status !== 401)
    await new Promise((resolve) => setTimeout(resolve, 20));
});
