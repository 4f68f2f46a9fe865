// What an app keeps with accounts: what is accepted of it, who changes it, and what that does to tokens.
import { decode } from "@countersign/token";
import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { mergePatch } from "../../src/accounts/merge-patch.ts";
import type { CountersignOptions, StandardSchema } from "../../src/index.ts";
import { readOptions } from "../../src/settings/settings.ts";
import { backends } from "../database/backends.ts";
import { isRevoked, newAccount as newStoredAccount, openSession } from "../database/fixtures.ts";
import { bearer, issuer, login, newAccount, renew, startApp, type Tokens } from "../app.ts";

const anything = { type: "object" } as const;
const theme = {
  type: "object",
  properties: { theme: { enum: ["dark", "light"] }, nested: anything },
  additionalProperties: false,
} as const;

function standard(validate: StandardSchema["~standard"]["validate"]): StandardSchema {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

type Headers = Readonly<Record<string, string>>;

function patchMe(app: FastifyInstance, headers: Headers, payload: object | string) {
  const type = { "content-type": "application/json" };
  return app.inject({ method: "PATCH", url: "/me", headers: { ...headers, ...type }, payload });
}

async function startLoggedIn(
  options: Partial<CountersignOptions>,
): Promise<{ app: FastifyInstance; tokens: Tokens; headers: Headers }> {
  const app = await startApp(options);
  await newAccount(app);
  const tokens = await login(app);
  return { app, tokens, headers: bearer(tokens) };
}

test.each<[unknown, Readonly<Record<string, unknown>>, unknown]>([
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])("RFC 7396 appendix A: %j patched with %j is %j", (target, patch, result) => {
  expect(mergePatch(target, patch)).toEqual(result);
});

describe("metadata", () => {
  test("are merged by their owner, judged by the app's JSON Schema, and in no token by themselves", async () => {
    const { app, tokens, headers } = await startLoggedIn({ metadataSchema: theme });
    expect((await app.inject({ url: "/me", headers })).json()).toMatchObject({ metadata: {} });
    const made = await patchMe(app, headers, { name: "Ada", metadata: { theme: "dark" } });
    expect(made.json()).toMatchObject({ name: "Ada", metadata: { theme: "dark" } });
    expect(made.json()).not.toHaveProperty("app_metadata");
    const refused = await patchMe(app, headers, { name: "Eve", metadata: { theme: "purple" } });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ code: "metadata_invalid" });
    expect(refused.body).not.toContain("purple");
    const unknown = await patchMe(app, headers, { metadata: { colour: "blue" } });
    expect(unknown.json()).toMatchObject({ code: "metadata_invalid" });
    const merged = await patchMe(app, headers, { metadata: { nested: { a: [1] } } });
    expect(merged.json()).toMatchObject({ name: "Ada", metadata: { theme: "dark", nested: { a: [1] } } });
    const removed = await patchMe(app, headers, { metadata: { theme: null } });
    expect(removed.json().metadata).toEqual({ nested: { a: [1] } });
    const renewed = (await renew(app, tokens.refresh_token)).json<Tokens>();
    expect(JSON.stringify(decode(renewed.access_token).payload)).not.toContain("nested");
    expect((await patchMe(app, {}, { metadata: {} })).statusCode).toBe(401);
  });

  test("are what a Standard Schema makes of them, and its first issue is the answer", async () => {
    const schema = standard(async (value) => {
      const { plan, ...others } = value as Record<string, unknown>;
      if (typeof plan !== "string")
        return { issues: [{ message: "is no text".padEnd(1000, "."), path: ["plan", { key: 0 }] }] };
      return { value: { plan: plan.trim(), kept: Object.keys(others).length } };
    });
    const { app, headers } = await startLoggedIn({ metadataSchema: schema });
    const made = await patchMe(app, headers, { metadata: { plan: " pro ", extra: 1 } });
    expect(made.json()).toMatchObject({ metadata: { plan: "pro", kept: 1 } });
    const refused = await patchMe(app, headers, { metadata: { plan: 1 } });
    expect(refused.json()).toMatchObject({ code: "metadata_invalid" });
    expect(refused.json().detail).toMatch(/^"metadata\.plan\.0": is no text\.+$/);
    expect(refused.body.length).toBeLessThan(600);
  });

  const deep = (levels: number): object =>
    Array.from({ length: levels }).reduce<object>((inner) => ({ a: inner }), {});

  test.each<[string, object | string]>([
    ["is no object", { metadata: ["dark"] }],
    ["nests six levels deep", { metadata: deep(5) }],
    ["nests without end", `{"metadata":${'{"a":'.repeat(2000)}1${"}".repeat(2000)}}`],
    ["is larger than 4,096 bytes", { metadata: { a: "x".repeat(4089) } }],
    ["is larger than 4,096 bytes of UTF-8", { metadata: { a: "é".repeat(2045) } }],
    ["holds U+0000", { metadata: { a: "\0" } }],
    ["has U+0000 in a name", { metadata: { "\0": 1 } }],
    ["holds half of a surrogate pair", `{"metadata":{"a":"\\ud83d"}}`],
    ["has a member __proto__", `{"metadata":{"__proto__":{"admin":true}}}`],
    ["has a member __proto__ deeper down", `{"metadata":{"a":[{"__proto__":1}]}}`],
    ["has a member twice", `{"metadata":{"a":1,"a":2}}`],
  ])("are refused where the patch %s, and nothing has changed", async (_what, payload) => {
    const { app, headers } = await startLoggedIn({ metadataSchema: anything });
    await patchMe(app, headers, { metadata: { kept: true } });
    const refused = await patchMe(app, headers, payload);
    expect(refused.statusCode).toBe(400);
    expect((await app.inject({ url: "/me", headers })).json()).toMatchObject({ metadata: { kept: true } });
  });

  test("may be as large and deep as that, and no patch by patch grows them further", async () => {
    const { app, headers } = await startLoggedIn({ metadataSchema: anything });
    expect((await patchMe(app, headers, { metadata: deep(4) })).statusCode).toBe(200);
    expect((await patchMe(app, headers, { metadata: { a: null, b: "x".repeat(4088) } })).statusCode).toBe(
      200,
    );
    expect((await patchMe(app, headers, { metadata: { c: 1 } })).json()).toMatchObject({
      code: "metadata_invalid",
    });
  });

  test.each<[string, StandardSchema]>([
    [
      "throws",
      standard(() => {
        throw new TypeError("the plans are away");
      }),
    ],
    ["rejects", standard(() => Promise.reject(new TypeError("the plans are away")))],
    ["never answers", standard(() => new Promise(() => undefined))],
    ["makes what cannot be kept", standard(() => ({ value: { at: new Date(0) } }))],
    ["makes no object", standard(() => ({ value: "pro" }))],
    ["answers with nothing", standard(() => undefined as never)],
  ])("are refused with 503 by a schema that %s", async (_what, schema) => {
    const { app, headers } = await startLoggedIn({ metadataSchema: schema });
    const refused = await patchMe(app, headers, { metadata: { plan: "pro" } });
    expect(refused.statusCode).toBe(503);
    expect(refused.body).not.toContain("plans are away");
    expect((await app.inject({ url: "/me", headers })).json()).toMatchObject({ metadata: {} });
  });

  test("that are older than the schema are shown as they are", async () => {
    const { app, headers } = await startLoggedIn({ metadataSchema: theme });
    const old = JSON.stringify({ colour: ["blue"], theme: "purple" });
    await sql`update users set metadata = ${old}`.execute(app.auth.database);
    expect((await app.inject({ url: "/me", headers })).json()).toMatchObject({ metadata: JSON.parse(old) });
    const mended = await patchMe(app, headers, { metadata: { colour: null, theme: "light" } });
    expect(mended.json()).toMatchObject({ metadata: { theme: "light" } });
  });

  test("are kept by no server without a schema, and no schema is taken for one that is none", async () => {
    const { app, headers } = await startLoggedIn({});
    expect((await patchMe(app, headers, { metadata: {} })).json()).toMatchObject({
      code: "metadata_invalid",
    });
    for (const wrong of [{}, { type: "string" }, [], "object", null, { "~standard": { version: 2 } }])
      expect(() => readOptions({ issuer, metadataSchema: wrong as never })).toThrow(/metadataSchema must be/);
  });
});

test.each([
  [{ properties: { theme: { type: "strng" } } }, "/properties/theme/type"],
  [{ properties: { tags: { type: "array", items: { type: "text" } } } }, "/properties/tags/items/type"],
  [
    { additionalProperties: { anyOf: [{ type: "null" }, { type: "bool" }] } },
    "/additionalProperties/anyOf/1/type",
  ],
  [{ $defs: { name: { type: ["string", "nil"] } } }, "/$defs/name/type"],
  [{ properties: { theme: { type: 7 } } }, "/properties/theme/type"],
])("a misspelt type within a schema is named at the start: %j", (more, at) => {
  const schema = { type: "object", ...more } as never;
  for (const name of ["metadataSchema", "appMetadataSchema"])
    expect(() => readOptions({ issuer, [name]: schema })).toThrow(
      `${name} has a type at ${at} that JSON Schema does not know`,
    );
});

test("a member that is called type, and a value that is no schema, are no types", () => {
  const schema = {
    type: "object",
    properties: { type: { type: "string", enum: ["a"], default: { type: "strng" } } },
    examples: [{ type: "anything" }],
  } as const;
  expect(readOptions({ issuer, metadataSchema: schema }).metadataSchema).toEqual(schema);
});

describe("app_metadata", () => {
  test("are changed by who may write accounts, and can refuse tokens that state the old claim", async () => {
    const { app, tokens, headers } = await startLoggedIn({
      metadataSchema: anything,
      appMetadataSchema: anything,
      claimNames: ["plan"],
      claims: ({ appMetadata }) => ({
        plan: typeof appMetadata["plan"] === "string" ? appMetadata["plan"] : "free",
      }),
    });
    await newAccount(app, "root");
    await sql`update users set roles = ${'["admin"]'} where email = 'root@example.com'`.execute(
      app.auth.database,
    );
    const admin = bearer(await login(app, "root@example.com"));
    const { id } = (await app.inject({ url: "/me", headers })).json() as { id: string };
    const patch = (payload: object, by: Headers) =>
      app.inject({ method: "PATCH", url: `/admin/accounts/${id}`, headers: by, payload });
    expect((await patch({ app_metadata: { plan: "pro" } }, headers)).statusCode).toBe(403);

    const kept = await patch({ app_metadata: { plan: "pro" } }, admin);
    expect(kept.json()).toMatchObject({ id, app_metadata: { plan: "pro" } });
    const planOf = (token: string) => decode(token).payload["plan"];
    expect(planOf(tokens.access_token)).toBe("free");
    const me = await app.inject({ url: "/me", headers });
    expect(me.statusCode).toBe(200);
    expect(me.body).not.toContain("pro");

    await patch({ app_metadata: { plan: "trial" }, revoke_tokens: true }, admin);
    expect((await app.inject({ url: "/me", headers })).statusCode).toBe(401);
    const renewed = (await renew(app, tokens.refresh_token)).json<Tokens>();
    expect(planOf(renewed.access_token)).toBe("trial");
    expect((await app.inject({ url: "/me", headers: bearer(renewed) })).statusCode).toBe(200);
    const other = await app.inject({
      method: "PATCH",
      url: `/admin/accounts/${"A".repeat(22)}`,
      headers: admin,
      payload: { app_metadata: {} },
    });
    expect(other.statusCode).toBe(404);
  });
});

describe.each(backends)("fields of an account on $name", (backend) => {
  test("of 64 changes that were made of one value, one is kept", async () => {
    const stores = await backend.openInstances(2);
    const [store] = stores;
    if (store === undefined) throw new TypeError("no instance");
    const { id, claimsVersion } = await newStoredAccount(store);
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, async (_, count) => {
        const { accounts } = stores[count % 2] ?? store;
        const change = { userId: id, accountVersion: claimsVersion };
        const { outcome } =
          count % 4 < 2
            ? await accounts.changeMetadata({ ...change, metadata: { count } })
            : await accounts.changeAppMetadata({ ...change, appMetadata: { count }, revokesTokens: false });
        return outcome;
      }),
    );
    expect(outcomes.toSorted()).toEqual(["changed", ...Array.from({ length: 63 }, () => "outdated")]);
    const account = await store.accounts.get(id);
    expect(Object.keys({ ...account?.metadata, ...account?.appMetadata })).toEqual(["count"]);
  });

  test("revoke the tokens of before where that is asked for, and end no session", async () => {
    const store = await backend.open();
    const { id, claimsVersion } = await newStoredAccount(store);
    const { sid, issuedAt } = await openSession(store, id);
    const change = { userId: id, appMetadata: { plan: "é" } };
    await store.accounts.changeAppMetadata({
      ...change,
      accountVersion: claimsVersion,
      revokesTokens: false,
    });
    expect(await isRevoked(store, sid, issuedAt)).toBe(false);
    const again = { ...change, accountVersion: claimsVersion + 1, revokesTokens: true };
    expect(await store.accounts.changeAppMetadata(again)).toMatchObject({
      outcome: "changed",
      account: { appMetadata: { plan: "é" } },
    });
    expect(await isRevoked(store, sid, issuedAt)).toBe(true);
    expect(await store.sessions.renew({ sid, generation: 0 })).toMatchObject({ outcome: "renewed" });
    const nobody = { userId: "nobody", accountVersion: 0, metadata: {} };
    expect(await store.accounts.changeMetadata(nobody)).toEqual({ outcome: "unknown" });
  });
});
