import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findRepeatedMember } from "../../src/http/json-body.ts";
import { issuer, newAccount, newApp, password } from "../app.ts";

let app: FastifyInstance;
beforeAll(async () => {
  app = newApp();
  app.post("/echo", async (request) => ({ body: request.body ?? null }));
  await newAccount(app);
});
afterAll(() => app.close());

const json = "application/json";
const form = "application/x-www-form-urlencoded";

async function post(url: string, payload: string | Buffer, type = json) {
  const response = await app.inject({
    method: "POST",
    url,
    payload,
    headers: { "content-type": type, "sec-fetch-site": "same-origin" },
  });
  return {
    status: response.statusCode,
    ...response.json<{ code?: string; detail?: string; body?: unknown }>(),
  };
}

/** `{"email": …, "password": "BYTES"}` */
const login = (...bytes: number[]): Buffer =>
  Buffer.concat([
    Buffer.from('{"email":"eve@example.com","password":"'),
    Buffer.from(bytes),
    Buffer.from('"}'),
  ]);

/** What a lax decoder makes U+FFFD of. */
const notUtf8 = [
  ["stray bytes", [0xff, 0xff, 0xff]],
  ["an overlong slash", [0xc0, 0xaf]],
  ["half of a surrogate pair", [0xed, 0xa0, 0x80]],
  ["a character cut short", [0xe2, 0x82]],
  ["beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
] as const;

describe("bytes that are not UTF-8", () => {
  test.each(notUtf8)("RFC 8259 §8.1: %s in JSON are refused, wherever they stand", async (_what, bytes) => {
    for (const url of ["/signup", "/login", "/session", "/echo"]) {
      expect(await post(url, login(...bytes))).toMatchObject({
        status: 400,
        code: "invalid_request",
        detail: "The body is not valid UTF-8.",
      });
    }
  });

  test.each(notUtf8)("%s in a form are refused, plain or percent-encoded", async (_what, bytes) => {
    const encoded = bytes.map((byte) => `%${byte.toString(16)}`).join("");
    const plain = Buffer.concat([Buffer.from("username=a%40example.com&password="), Buffer.from(bytes)]);
    expect(await post("/login", plain, form)).toMatchObject({ status: 400, code: "invalid_request" });
    const answer = await post("/login", `username=a%40example.com&password=${encoded}`, form);
    expect(answer).toMatchObject({ status: 400, detail: "The form is not percent-encoded UTF-8." });
    const token = Buffer.concat([Buffer.from("token="), Buffer.from(bytes)]);
    expect((await post("/revoke", token, form)).status).toBe(400);
  });

  test.each(["iso-8859-1", "utf-16", '"latin1"'])("another charset is refused: %s", async (charset) => {
    const answer = await post("/login", "{}", `${json}; charset=${charset}`);
    expect(answer).toMatchObject({ status: 415, detail: "Send the body in UTF-8." });
  });

  test.each(["utf-8", "UTF-8", '"utf-8"', "utf8"])("UTF-8 may be named: %s", async (charset) => {
    expect(await post("/echo", '{"a":"é"}', `${json}; charset=${charset}`)).toMatchObject({
      body: { a: "é" },
    });
  });
});

describe("members", () => {
  test.each([
    ['{"a":1,"a":2}', "a"],
    ['{"a":1,"\\u0061":2}', "a"],
    ['{"a":{"b":1,"c":[{"d":1},{"d":1}],"b":2}}', "b"],
    ['{"":1,"":2}', ""],
    [String.raw`{"\"":1,"x":"\",\"","\"":2}`, '"'],
  ])("RFC 8259 §4: a name that stands there twice is found: %s", async (text, name) => {
    expect(findRepeatedMember(text)).toBe(name);
    expect(await post("/echo", text)).toMatchObject({ status: 400, code: "invalid_request" });
  });

  test.each([
    '{"a":{"a":{"a":["a","a",{"a":1}]}}}',
    '{"a":"\\"a\\":1,\\"a\\":2","b":"{\\"a\\":1}"}',
    '["a","a",{"x":1},{"x":1}]',
    "[[],{},[{}]]",
    '"a"',
  ])("a text that only looks so is taken: %s", async (text) => {
    expect(findRepeatedMember(text)).toBeUndefined();
    expect(await post("/echo", text)).toEqual({ status: 200, body: JSON.parse(text) });
  });

  test.each([
    '{"__proto__":{"admin":true}}',
    '{"a":[{"__proto__":1}]}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"\\u005f_proto__":1}',
  ])("one that reaches a prototype is refused: %s", async (text) => {
    expect(await post("/echo", text)).toMatchObject({ status: 400, code: "invalid_request" });
  });

  test("a form field that stands there twice is refused, whichever it is (RFC 6749 §3.1)", async () => {
    for (const fields of ["a=1&a=2", "a=1&%61=2", "username=a&username=b&password=c"]) {
      expect(await post("/login", fields, form)).toMatchObject({
        status: 400,
        detail: "A field of the form stands there twice.",
      });
    }
    expect((await post("/revoke", "token=a&token=b", form)).status).toBe(400);
  });
});

describe("no body", () => {
  test("one of length 0 is none, whatever its type says", async () => {
    const tokens = (
      await app.inject({ method: "POST", url: "/login", payload: { email: "ada@example.com", password } })
    ).json<{ access_token: string }>();
    const headers = {
      "content-type": json,
      "content-length": "0",
      authorization: `Bearer ${tokens.access_token}`,
    };
    const ended = await app.inject({ method: "POST", url: "/logout", headers });
    expect(ended.statusCode).toBe(204);
    const session = await app.inject({
      method: "DELETE",
      url: "/session",
      headers: { "content-type": json, "content-length": "0", origin: issuer },
    });
    expect(session.statusCode).toBe(204);
    expect(await post("/echo", "")).toEqual({ status: 200, body: null });
  });

  test("is named where a route needs one", async () => {
    for (const url of ["/signup", "/login", "/session"])
      expect(await post(url, "")).toMatchObject({ status: 400, detail: "The body is missing." });
  });
});

describe("what is wrong is said in words", () => {
  test.each([
    ["{}", 'The body needs "email" and "password".'],
    [
      '{"email":"a@example.com","password":"x","audience":"y"}',
      'The body has no member "audience": remove it.',
    ],
    ['{"email":7,"password":"x"}', '"email" must be a string.'],
    ['{"email":"","password":"x"}', '"email" must not be empty.'],
    [`{"email":"${"a".repeat(1025)}","password":"x"}`, '"email" must have at most 1024 characters.'],
    ["[]", "The body must be a JSON object."],
    ["null", "The body is missing."],
    ['{"email":', "The body is not JSON: it ends too early."],
    ['{"email":x}', "The body is not JSON."],
  ])("%s", async (text, detail) => {
    expect(await post("/login", text)).toMatchObject({ status: 400, code: "invalid_request", detail });
  });

  test("a field of the form that nobody knows", async () => {
    const answer = await post("/login", "username=a&password=b&audience=c", form);
    expect(answer.detail).toBe('The body has no member "audience": remove it.');
    const grant = await post("/login", "username=a&password=b&grant_type=code", form);
    expect(grant.detail).toBe('"grant_type" must be "password".');
  });

  test("and holds nothing of the value", async () => {
    const canary = "canary9c1e";
    for (const text of [`{"email":["${canary}"]}`, `{"email":"${canary}`, `{"email":${canary}}`])
      expect(JSON.stringify(await post("/login", text))).not.toContain(canary);
  });
});
