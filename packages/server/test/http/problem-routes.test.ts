import { expect, test } from "vitest";
import { refusals } from "../../src/errors.ts";
import { startApp } from "../app.ts";

test("RFC 9457 §3.1.1: the type of every problem resolves at the server, and says what to do", async () => {
  const app = await startApp({ issuer: "https://api.example.com" });
  for (const [code, { title, advice }] of Object.entries(refusals)) {
    const response = await app.inject(`/problems/${code}`);
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(response.body).toContain(`<h1>${title}</h1>`);
    expect(response.body).toContain(advice.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
  }
  expect((await app.inject("/problems")).body).toContain('href="problems/invalid_credentials"');
  expect((await app.inject("/problems/constructor")).statusCode).toBe(404);
});

test("a problem names the page that explains it", async () => {
  const app = await startApp({ issuer: "https://api.example.com/auth/" });
  const { type } = (await app.inject("/nothing")).json<{ type: string }>();
  expect(type).toBe("https://api.example.com/auth/problems/not_found");
});
