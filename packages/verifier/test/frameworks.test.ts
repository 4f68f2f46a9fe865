// One suite for every framework adapter, with the real frameworks on real HTTP.
import { createAccessVerifier, twoFactorAcr } from "@countersign/verifier";
import type { AccessVerifier } from "@countersign/verifier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { frameworks } from "./fixtures/apps.ts";
import type { App } from "./fixtures/app.ts";
import { audience, issuer, issuerWithSecret } from "./fixtures/issuer.ts";
import { get, refusal } from "./fixtures/answers.ts";
import { ask, askAll } from "./fixtures/raw-client.ts";

const start = 1_800_000_000;
const now = (): number => start;
const local = issuerWithSecret({ now });
const verifier: AccessVerifier = createAccessVerifier({
  issuer,
  audience,
  keys: local.keys,
  revocations: null,
  now,
});

const invalid = 'Bearer error="invalid_token"';

describe.each(Object.entries(frameworks))("%s", (_name, startApp) => {
  let app: App;
  beforeAll(async () => {
    app = await startApp(verifier);
  });
  afterAll(() => app.close());

  test("lets a good token in and knows who it is", async () => {
    const answer = await get(app, "/required", `Authorization: Bearer ${local.issue({ sub: "ada" })}`);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { subject: "ada" }]);
  });

  test("TV-12: a request without credentials gets the bare challenge (RFC 6750 §3)", async () => {
    const answer = refusal(await get(app, "/required"));
    expect(answer).toEqual({ status: 401, challenge: 'Bearer realm="api"', code: "credentials_missing" });
  });

  test("TV-12: a bad token is invalid_token (RFC 6750 §3.1)", async () => {
    const answer = refusal(await get(app, "/required", "Authorization: Bearer a.b.c"));
    expect(answer).toEqual({ status: 401, challenge: invalid, code: "token_invalid" });
  });

  test("TV-12: a missing role or scope is insufficient_scope (RFC 6750 §3.1)", async () => {
    const line = `Authorization: Bearer ${local.issue({ scope: "posts:read" })}`;
    expect(refusal(await get(app, "/admin", line))).toEqual({
      status: 403,
      challenge: 'Bearer error="insufficient_scope"',
      code: "role_missing",
    });
    expect(refusal(await get(app, "/scoped", line))).toEqual({
      status: 403,
      challenge: 'Bearer error="insufficient_scope", scope="posts:read posts:write"',
      code: "scope_missing",
    });
    expect((await get(app, "/either", line)).status).toBe(200);
    const able = `Authorization: Bearer ${local.issue({ scope: "posts:write x posts:read", roles: ["admin"] })}`;
    expect((await get(app, "/scoped", able)).status).toBe(200);
    expect((await get(app, "/admin", able)).status).toBe(200);
  });

  test("TV-15: a log-in that is too old or unknown asks for a new one (RFC 9470 §3)", async () => {
    for (const claims of [{ auth_time: start - 301 }, {}]) {
      expect(refusal(await get(app, "/recent", `Authorization: Bearer ${local.issue(claims)}`))).toEqual({
        status: 401,
        challenge: 'Bearer error="insufficient_user_authentication", max_age="300"',
        code: "authentication_too_old",
      });
    }
    const recent = local.issue({ auth_time: start - 300 });
    expect((await get(app, "/recent", `Authorization: Bearer ${recent}`)).status).toBe(200);
  });

  test("TV-17: a login with one factor is asked for the second (RFC 9470 §3)", async () => {
    const strong = { acr: twoFactorAcr, auth_time: start };
    for (const claims of [{ auth_time: start }, { acr: "aal1" }, { acr: "AAL2" }, { acr: "" }]) {
      expect(refusal(await get(app, "/strong", `Authorization: Bearer ${local.issue(claims)}`))).toEqual({
        status: 401,
        challenge: 'Bearer error="insufficient_user_authentication", acr_values="aal2"',
        code: "factor_missing",
      });
    }
    expect((await get(app, "/strong", `Authorization: Bearer ${local.issue(strong)}`)).status).toBe(200);
  });

  test("TV-17: all that the login lacks is asked for at once (RFC 9470 §3)", async () => {
    const challenge = 'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="300"';
    const weak = `Authorization: Bearer ${local.issue({ auth_time: start })}`;
    expect(refusal(await get(app, "/strong-and-recent", weak))).toEqual({
      status: 401,
      challenge,
      code: "factor_missing",
    });
    const old = `Authorization: Bearer ${local.issue({ acr: twoFactorAcr, auth_time: start - 301 })}`;
    expect(refusal(await get(app, "/strong-and-recent", old))).toEqual({
      status: 401,
      challenge,
      code: "authentication_too_old",
    });
    const good = `Authorization: Bearer ${local.issue({ acr: twoFactorAcr, auth_time: start - 300 })}`;
    expect((await get(app, "/strong-and-recent", good)).status).toBe(200);
  });

  test("TV-11: the scheme is case-insensitive, and nothing but one token after spaces is accepted", async () => {
    const token = local.issue();
    for (const scheme of ["Bearer", "bearer", "BEARER", "bEARER"]) {
      expect((await get(app, "/required", `authorization: ${scheme} ${token}`)).status).toBe(200);
    }
    expect((await get(app, "/required", `Authorization: Bearer   ${token}`)).status).toBe(200);
    const malformed = [
      "Authorization:",
      "Authorization: Bearer",
      `Authorization: Bearer\t${token}`,
      `Authorization: Bearer ${token} ${token}`,
      `Authorization: Bearer ${token},${token}`,
      `Authorization: Bearer ${token}, Bearer ${token}`,
      `Authorization: Bearer ${"a".repeat(64 * 1024)}, b`,
      `Authorization: , Bearer ${token}`,
    ];
    for (const line of malformed) {
      const answer = refusal(await get(app, "/required", line));
      expect(answer).toEqual({ status: 401, challenge: invalid, code: "credentials_malformed" });
    }
    const bad = [
      "a".repeat(64 * 1024),
      "%",
      `%20${token}`,
      `"${token}"`,
      `${token}\u00e4`,
      "\u00ff\u00fe",
      `${token}=`,
    ];
    for (const credentials of bad) {
      const answer = refusal(await get(app, "/required", `Authorization: Bearer ${credentials}`));
      expect(answer).toEqual({ status: 401, challenge: invalid, code: "token_invalid" });
    }
    for (const credentials of [
      token,
      `Basic ${token}`,
      `Token ${token}`,
      `Bearer: ${token}`,
      `Bearer=${token}`,
      "%",
    ]) {
      const answer = refusal(await get(app, "/required", `Authorization: ${credentials}`));
      expect([answer.status, answer.code]).toEqual([
        401,
        expect.stringMatching(/^(scheme_not|credentials_mal)/),
      ]);
    }
  });

  test("TV-11: two Authorization lines are refused, whichever of them is good", async () => {
    const good = `Authorization: Bearer ${local.issue()}`;
    for (const lines of [
      [good, good],
      [good, "authorization: Bearer x"],
      ["AUTHORIZATION: Bearer x", good],
      [good, "Authorization: Basic eDp5"],
    ]) {
      const answer = refusal(await get(app, "/required", ...lines));
      expect([answer.status, answer.challenge]).toEqual([
        401,
        answer.code === "scheme_not_supported" ? 'Bearer realm="api"' : invalid,
      ]);
    }
  });

  test("TV-12: a token in the query, a cookie or another header is ignored", async () => {
    const token = local.issue();
    for (const path of [`/required?access_token=${token}`, `/required?token=${token}`]) {
      expect(refusal(await get(app, path)).challenge).toBe('Bearer realm="api"');
    }
    for (const name of [
      "Cookie",
      "X-Authorization",
      "Proxy-Authorization",
      "X-Access-Token",
      "X-Forwarded-Authorization",
    ]) {
      const answer = refusal(
        await get(app, "/required", `${name}: Bearer ${token}`, `${name}: access_token=${token}`),
      );
      expect(answer.challenge).toBe('Bearer realm="api"');
    }
  });

  test("TV-13: no header skips the guard or fills in its answer", async () => {
    const lines = [
      "x-user-id: admin",
      "x-user: admin",
      "identity: admin",
      "x-middleware-subrequest: middleware:middleware:middleware",
      "x-forwarded-user: admin",
      "x-forwarded-for: 127.0.0.1",
      "x-original-url: /optional",
      "x-http-method-override: OPTIONS",
    ];
    expect(refusal(await get(app, "/required", ...lines)).status).toBe(401);
    expect(JSON.parse((await get(app, "/optional", ...lines)).body)).toEqual({ subject: null });
    const token = local.issue({ sub: "ada" });
    const answer = await get(app, "/required", ...lines, `Authorization: Bearer ${token}`);
    expect(JSON.parse(answer.body)).toEqual({ subject: "ada" });
  });

  test("optional() greets strangers, knows who says who they are, and refuses whoever says it wrongly", async () => {
    expect(JSON.parse((await get(app, "/optional")).body)).toEqual({ subject: null });
    const known = await get(app, "/optional", `Authorization: Bearer ${local.issue({ sub: "ada" })}`);
    expect(JSON.parse(known.body)).toEqual({ subject: "ada" });
    for (const credentials of ["Bearer x", "Bearer", "", "Basic eDp5"]) {
      expect(refusal(await get(app, "/optional", `Authorization: ${credentials}`)).status).toBe(401);
    }
  });

  test("a CORS preflight is a request like any other: who wants it to pass says so before the guard", async () => {
    const lines = ["Origin: https://app.example", "Access-Control-Request-Method: GET"];
    const answer = await ask(app.port, { method: "OPTIONS", path: "/required", lines });
    expect(refusal(answer).status).toBe(401);
  });

  test("answers a hundred requests on one connection each with its own verdict", async () => {
    const requests = Array.from({ length: 100 }, (_, index) => ({
      path: "/required",
      lines:
        index % 3 === 0
          ? []
          : [`Authorization: Bearer ${index % 3 === 1 ? local.issue({ sub: `${index}` }) : "x"}`],
    }));
    const answers = await askAll(app.port, requests);
    for (const [index, { status, body }] of answers.entries()) {
      expect(status).toBe(index % 3 === 1 ? 200 : 401);
      if (status === 200) expect(JSON.parse(body)).toEqual({ subject: `${index}` });
    }
  });

  test("a handler runs only for requests that were let in", async () => {
    const before = app.handled();
    await get(app, "/required");
    await get(app, "/admin", `Authorization: Bearer ${local.issue()}`);
    expect(app.handled()).toBe(before);
    await get(app, "/required", `Authorization: Bearer ${local.issue()}`);
    expect(app.handled()).toBe(before + 1);
  });
});
