/** node:http bare; better-auth on it: its own session token, looked up with `getSession` in SQLite; or its sign-in. */
import BetterSqlite from "better-sqlite3";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import { bearer } from "better-auth/plugins";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { person, posts } from "../trust.ts";
import { serve } from "./process.ts";

serve(async (_trust, variant) => {
  const options = {
    database: new BetterSqlite(":memory:"),
    secret: randomBytes(32).toString("base64url"),
    baseURL: "http://127.0.0.1",
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [bearer()],
  };
  await (await getMigrations(options)).runMigrations();
  const auth = betterAuth(options);
  const { token } = await auth.api.signUpEmail({ body: { ...person, name: "Bench" } });
  const text = JSON.stringify(posts);
  const answerAll = toNodeHandler(auth);
  const server = createServer((request, response) => {
    if (variant === "signIn") return void answerAll(request, response);
    const answer = (status: number, answerText: string): void => {
      response.writeHead(status, { "content-type": "application/json", "content-length": answerText.length });
      response.end(answerText);
    };
    if (variant === "bare") return answer(200, text);
    auth.api.getSession({ headers: fromNodeHeaders(request.headers) }).then(
      (session: object | null) => (session === null ? answer(401, "{}") : answer(200, text)),
      () => answer(500, "{}"),
    );
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { port: (server.address() as AddressInfo).port, ...(token === null ? {} : { token }) };
});
