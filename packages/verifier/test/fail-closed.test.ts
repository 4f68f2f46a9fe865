// Every framework adapter fails closed: whatever goes wrong is a 401 or a 503, never a 500 and never a pass.
import { createAccessVerifier } from "@countersign/verifier";
import type { Authenticator } from "@countersign/verifier";
import { describe, expect, test } from "vitest";
import { get, refusal } from "./fixtures/answers.ts";
import { frameworks } from "./fixtures/apps.ts";
import { audience, issuer, issuerWithSecret } from "./fixtures/issuer.ts";

const start = 1_800_000_000;
const now = (): number => start;
const local = issuerWithSecret({ now });
const trust = { issuer, audience, keys: local.keys, revocations: null, now };

/** Authenticators that fail in every way there is. */
const broken: Record<string, () => unknown> = {
  throws: () => {
    throw new RangeError("broken");
  },
  "throws no error": () => {
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- that is the case here
    throw undefined;
  },
  rejects: () => Promise.reject(new RangeError("broken")),
  "rejects without a reason": () => Promise.reject(),
  "gives nothing": () => undefined,
  "gives nothing later": () => Promise.resolve(),
  "gives null": () => null,
  "gives true": () => true,
  "gives an identity of nobody": () => ({ roles: ["admin"] }),
};

describe.each(Object.entries(frameworks))("%s", (_name, startApp) => {
  test.each(Object.entries(broken))(
    "TV-11: an authenticator that %s is a 503, never a 500 and never a pass",
    async (_how, authenticate) => {
      const app = await startApp({ authenticate, now } as Authenticator);
      try {
        for (const path of ["/required", "/admin", "/optional"]) {
          const answer = refusal(await get(app, path, `Authorization: Bearer ${local.issue()}`));
          expect(answer).toEqual({ status: 503, challenge: undefined, code: "verification_failed" });
        }
        expect(app.handled()).toBe(0);
      } finally {
        await app.close();
      }
    },
  );

  test("TV-11: an issuer that cannot be reached is a 503 with Retry-After", async () => {
    const unreachable = createAccessVerifier({ issuer: "http://127.0.0.1:1", audience, now });
    const app = await startApp(unreachable);
    try {
      const answer = await get(app, "/required", `Authorization: Bearer ${local.issue()}`);
      expect([refusal(answer).code, answer.headers["retry-after"]]).toEqual(["keys_unavailable", "5"]);
      expect(refusal(await get(app, "/required")).status).toBe(401);
    } finally {
      unreachable.close();
      await app.close();
    }
  });

  test("TV-11: a hook that throws, or rejects, changes no answer", async () => {
    for (const onEvent of [
      (): never => {
        throw new RangeError("metrics are down");
      },
      () => Promise.reject(new RangeError("metrics are down")),
    ]) {
      const app = await startApp(createAccessVerifier({ ...trust, onEvent }));
      try {
        expect(refusal(await get(app, "/required")).status).toBe(401);
        expect(refusal(await get(app, "/required", "Authorization: Bearer x")).status).toBe(401);
        const line = `Authorization: Bearer ${local.issue()}`;
        expect(refusal(await get(app, "/admin", line)).status).toBe(403);
        expect((await get(app, "/required", line)).status).toBe(200);
      } finally {
        await app.close();
      }
    }
  });

  test("TV-11: missing configuration is found when the guard is made", async () => {
    await expect(
      Promise.resolve().then(() => startApp(undefined as unknown as Authenticator)),
    ).rejects.toThrow(TypeError);
  });
});

describe.each(["Fastify 5", "Express 5"])("%s", (name) => {
  test("TV-11: a handler without a guard that asks who it is answers 401 to everybody", async () => {
    const app = await frameworks[name]?.(createAccessVerifier(trust));
    if (app === undefined) throw new TypeError(`there is no app for ${name}`);
    try {
      const answer = await get(app, "/forgotten", `Authorization: Bearer ${local.issue()}`);
      expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="api"']);
    } finally {
      await app.close();
    }
  });
});
