import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createApp } from "../../src/app.ts";

test("AU-03: no password, token or secret stands in any log line or answer, whatever field it was put in", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-"));
  const canary = `canary${randomBytes(12).toString("hex")}`;
  const lines: string[] = [];
  const answers: string[] = [];
  const logger = { level: "trace", stream: { write: (line: string) => void lines.push(line) } };
  const app = createApp({ issuer: "https://api.example.com", dataDir }, { logger });

  const send = async (url: string, payload: string, contentType = "application/json"): Promise<string> => {
    const response = await app.inject({
      method: "POST",
      url,
      payload,
      headers: {
        "content-type": contentType,
        authorization: `Bearer ${canary}`,
        cookie: `sid=${canary}`,
        "x-api-key": canary,
        "user-agent": canary,
      },
    });
    answers.push(response.body);
    return response.body;
  };

  const password = `${canary} ledger`;
  await send("/signup", JSON.stringify({ email: "ada@example.com", password, name: "Ada" }));
  const { access_token: token } = JSON.parse(
    await send("/login", JSON.stringify({ email: "ada@example.com", password })),
  ) as { access_token: string };
  answers.pop();
  for (const url of ["/signup", "/login", "/logout", `/${canary}`, `/login?token=${canary}`]) {
    await send(url, JSON.stringify({ email: canary, password: canary }));
    await send(url, JSON.stringify({ email: "ada@example.com", password: canary }));
    await send(url, JSON.stringify({ email: [canary], password: { canary } }));
    await send(url, `{"email": ${canary}`);
    await send(url, `username=${canary}&password=${canary}`, "application/x-www-form-urlencoded");
    await send(url, canary, canary);
  }
  const me = await app.inject({ url: "/me", headers: { authorization: `Bearer ${token}` } });
  expect(me.statusCode).toBe(200);
  await app.inject({ method: "POST", url: "/logout", headers: { authorization: `Bearer ${token}` } });
  await app.close();

  const masterKey = readFileSync(join(dataDir, "master.key"), "utf8").trim();
  const [, , signature = ""] = token.split(".");
  const output = [...lines, ...answers].join("\n");
  expect(lines.filter((line) => line.includes('"status"')).length).toBeGreaterThan(30);
  for (const secret of [canary, masterKey, signature]) expect(output).not.toContain(secret);
  // One JSON object a line, each with its request's id.
  for (const line of lines) expect(JSON.parse(line)).toBeTypeOf("object");
  for (const line of lines.filter((each) => each.includes('"status"')))
    expect(line).toContain('"request_id"');
  rmSync(dataDir, { recursive: true });
});
