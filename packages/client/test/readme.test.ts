// The README's examples, run in their order against the real server.
import { createApp } from "@countersign/server";
import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import * as countersign from "../src/index.ts";
import { sharedArea } from "./shared-area.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);

test("each example of the README does what it says", async () => {
  const options = { issuer: "http://127.0.0.1", databaseUrl: "sqlite::memory:", masterKey: newKey() };
  const app = createApp(options, { logger: false });
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  const lines: string[] = [];
  const console = { log: (line: string) => lines.push(line) };
  const localStorage = sharedArea();

  const left: unknown[] = [];
  for (const example of examples) {
    const code = example
      .replaceAll("http://127.0.0.1:3000", origin)
      .replace(/import (\{.*?\}) from "@countersign\/client";/g, "const $1 = countersign;");
    const seen =
      "typeof response === 'object' ? response.status : typeof user === 'object' ? user.email : null";
    const run = compileFunction(`return (async () => { ${code}; return ${seen}; })()`, [
      "countersign",
      "localStorage",
      "console",
    ]) as (...globals: unknown[]) => Promise<unknown>;
    left.push(await run(countersign, localStorage, console));
  }
  expect(left).toEqual([200, "ada@example.com", null, null]);
  expect(lines).toEqual([
    expect.stringMatching(/ is logged in$/),
    "nobody is logged in: here",
    "Email and password do not match an account",
  ]);
});

function newKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
}
