// A custom server of Next.js with the whole auth server in it; run after `next build`.
import { createHandler } from "@countersign/server";
import next from "next";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const app = next({ dev: false, dir: import.meta.dirname });
await app.prepare();
const pages = app.getRequestHandler();
const handler = createHandler(
  {
    issuer: "http://127.0.0.1",
    prefix: "/auth",
    databaseUrl: "sqlite::memory:",
    masterKey: randomBytes(32).toString("base64url"),
  },
  { logger: false },
);
const server = createServer((request, response) =>
  handler(request, response, () => pages(request, response)),
).listen(0, "127.0.0.1");
await once(server, "listening");
const base = `http://127.0.0.1:${server.address().port}`;

const post = (path, body) =>
  fetch(`${base}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const ada = { email: "ada@example.com", password: randomBytes(16).toString("base64url") };
assert.equal((await post("/auth/signup", ada)).status, 201);
const { access_token: token } = await (await post("/auth/login", ada)).json();
const me = await fetch(`${base}/auth/me`, { headers: { authorization: `Bearer ${token}` } });
assert.equal((await me.json()).email, ada.email);
assert.match(await (await fetch(base)).text(), /page home/);
const notes = await post("/api/notes?a=1", { b: 2 });
assert.deepEqual(await notes.json(), { got: { b: 2 }, url: "/api/notes?a=1" });
assert.equal((await fetch(`${base}/auth/nothing`)).status, 404);

server.close();
server.closeAllConnections();
await handler.close();
await app.close();
process.stdout.write("a custom server of Next.js logs in and serves its pages\n");
// Next.js keeps a worker of its own.
process.exit();
