import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { newPostgresUrl } from "../postgres.ts";

const issuer = "https://api.example.com";
const account = { email: "ada@example.com", password: "tangerine violin ledger" };
const cases = [
  { backend: "SQLite", newUrl: async () => "sqlite::memory:" },
  { backend: "PostgreSQL", newUrl: newPostgresUrl },
].flatMap((backend) =>
  (["database", "memory"] as const).map((sessionStore) => ({ ...backend, sessionStore })),
);

describe.each(cases)(
  "maxSessionsPerUser on $backend, cookie sessions in the $sessionStore store",
  ({ newUrl, sessionStore }) => {
    test.each(["/login", "/session"])(
      "SE-05: of 16 people at once at POST %s three stay logged in",
      async (url) => {
        const masterKey = randomBytes(32).toString("base64url");
        const options = { issuer, masterKey, sessionStore, maxSessionsPerUser: 3, hashingWaitSeconds: 60 };
        const app = createApp({ ...options, databaseUrl: await newUrl() }, { logger: false });
        onTestFinished(() => app.close());
        await app.inject({ method: "POST", url: "/signup", payload: account });

        const logIn = async (): Promise<Record<string, string>> => {
          const headers = { origin: issuer };
          const response = await app.inject({ method: "POST", url, payload: account, headers });
          if (url === "/session") {
            expect(response.statusCode).toBe(204);
            return { cookie: String(response.headers["set-cookie"]).split(";", 1)[0] ?? "" };
          }
          expect(response.statusCode).toBe(200);
          return { authorization: `Bearer ${response.json<{ access_token: string }>().access_token}` };
        };
        const people = await Promise.all(Array.from({ length: 16 }, logIn));
        const statuses = await Promise.all(
          people.map(async (headers) => (await app.inject({ url: "/me", headers })).statusCode),
        );
        expect(statuses.filter((status) => status === 200)).toHaveLength(3);
        expect(statuses.filter((status) => status === 401)).toHaveLength(13);

        const someone = people[statuses.indexOf(200)] ?? {};
        const { sessions } = (await app.inject({ url: "/me/sessions", headers: someone })).json<{
          sessions: unknown[];
        }>();
        expect(sessions).toHaveLength(3);
      },
    );
  },
);
