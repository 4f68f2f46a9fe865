// The API with a real auth server: its own notes for everybody, and none after the log-out.
import "reflect-metadata";
import type { INestApplication } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startIssuer } from "../../fetch-handlers/test/issuer.ts";
import type { Issuer } from "../../fetch-handlers/test/issuer.ts";
import { createAppModule } from "../src/app-module.ts";

const audience = "nestjs-api";
let issuer: Issuer;
let app: INestApplication;
let url: string;

beforeAll(async () => {
  issuer = await startIssuer(audience);
  const module = createAppModule({ issuer: issuer.url, audience });
  app = await NestFactory.create(module, { logger: false, abortOnError: false });
  await app.listen(0, "127.0.0.1");
  const { port } = app.getHttpServer().address() as AddressInfo;
  url = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  await app.close();
  await issuer.close();
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function call(method: string, path: string, token?: string, content?: object): Promise<Answer> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  const body = content === undefined ? null : JSON.stringify(content);
  const response = await fetch(url + path, { method, headers, body });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

test("whoever has logged in sees the notes that they wrote, and nobody else's", async () => {
  const [ada, bob] = [await issuer.logIn("ada"), await issuer.logIn("bob")];
  const written = await call("POST", "/notes", ada.token, { text: "buy strings" });
  expect(written.status).toBe(201);
  expect((await call("GET", "/notes", ada.token)).body).toEqual([written.body]);
  expect((await call("GET", "/notes", bob.token)).body).toEqual([]);
});

test("strangers get a 401 everywhere but where a controller greets them", async () => {
  expect(await call("GET", "/notes")).toMatchObject({ status: 401, body: { code: "credentials_missing" } });
  expect(await call("GET", "/status")).toMatchObject({ status: 200, body: { keys: { state: "fresh" } } });
});

test("nobody without the role may clear the notes", async () => {
  const { token } = await issuer.logIn("eve");
  expect(await call("DELETE", "/notes", token)).toMatchObject({
    status: 403,
    body: { code: "role_missing" },
  });
});

test("a log-out is heard", async () => {
  const { client, token } = await issuer.logIn("kim");
  expect((await call("GET", "/notes", token)).status).toBe(200);
  await client.logout();
  await vi.waitFor(async () => expect((await call("GET", "/notes", token)).status).toBe(401), 10_000);
});
