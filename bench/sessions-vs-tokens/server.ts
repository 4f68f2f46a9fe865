/** One instance of the API: `GET /posts` behind the server's own guard, which knows who asks in one of four ways. */
import type { AddressInfo } from "node:net";
import { secretKey, keySet } from "@countersign/token";
import { createAccessVerifier, RevocationList } from "@countersign/verifier";
import Fastify from "fastify";
import { createGuard } from "../../packages/server/src/http/guard.ts";
import { createSameSiteCheck } from "../../packages/server/src/http/same-site.ts";
import { createCookieSessions } from "../../packages/server/src/sessions/cookie-sessions.ts";
import { createDatabaseSessions } from "../../packages/server/src/sessions/database-sessions.ts";
import { createMemorySessions } from "../../packages/server/src/sessions/memory-sessions.ts";
import type { SessionStore } from "../../packages/server/src/sessions/session-store.ts";
import { openStore, type Store } from "../../packages/server/test/database/store.ts";
import { answerQuestions } from "../answering-process.ts";
import { posts } from "../http/trust.ts";
import type { Method } from "./cases.ts";
import { liveSession, secretHashOf } from "./live-sessions.ts";

export interface InstanceOrder {
  readonly method: Method;
  readonly databaseUrl: string;
  readonly seed: string;
  readonly sessions: number;
  readonly issuer: string;
  /** base64url */
  readonly secret: string;
}

const dayInSeconds = 86_400;

answerQuestions<{ port: number }>(async (order: InstanceOrder) => {
  let statements = 0;
  const store = await openStore({ url: order.databaseUrl, onStatement: () => (statements += 1) });
  const sessionStore =
    order.method === "memory" ? await fillMemory(store, order) : createDatabaseSessions(store.sessions);
  const { issuer } = order;
  const verifier = createAccessVerifier({
    issuer,
    audience: issuer,
    keys: keySet([secretKey("HS256", Buffer.from(order.secret, "base64url"))]),
    revocations: new RevocationList(),
  });
  const app = Fastify();
  const guard = createGuard(
    {
      verifier,
      cookieSessions: createCookieSessions(sessionStore),
      checkSameSite: createSameSiteCheck(new Set([issuer])),
    },
    app,
  );
  app.get("/posts", { onRequest: guard.required({ cookies: true }) }, async () => posts);
  await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    started: { port: (app.server.address() as AddressInfo).port },
    answers: {
      /** How many have gone to the database so far. */
      statements: () => statements,
      memoryBytes() {
        globalThis.gc?.();
        return process.memoryUsage().rss;
      },
    },
  };
});

/** A session store with all sessions in it, opened as log-ins open them, but for the account and the trail, which would take minutes. */
async function fillMemory(store: Store, { seed, sessions }: InstanceOrder): Promise<SessionStore> {
  let isFilling = true;
  const account = { status: "active", roles: ["user"] };
  const sessionStore = createMemorySessions({
    accounts: {
      credentials: (userId: string) =>
        isFilling
          ? Promise.resolve({ account, passwordVersion: 1, deviceEpoch: 0, secondFactor: false })
          : store.accounts.credentials(userId),
    },
    audit: { record: async () => undefined },
    limits: { idleSeconds: 14 * dayInSeconds, absoluteSeconds: 30 * dayInSeconds, perUser: 100 },
  });
  for (let index = 0; index < sessions; index += 1) {
    const session = liveSession(seed, index);
    const opened = {
      userId: session.userId,
      passwordVersion: 1,
      device: { userAgent: null, address: "192.0.2.1" },
      amr: ["pwd"],
      clientId: "first-party",
    };
    // oxlint-disable-next-line no-await-in-loop -- a million at once would need the memory of a million promises
    await sessionStore.open({ secretHash: secretHashOf(session) }, opened, {});
  }
  isFilling = false;
  return sessionStore;
}
