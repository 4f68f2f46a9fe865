// countersign token: what stands in a token, and whether it holds.
import { createSigner, exportJwkSet, generateKey, keySet, secretKey } from "@countersign/token";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { runCommand } from "../../src/cli/run.ts";
import { newFolder } from "./installations.ts";

const key = await generateKey("ES256");
const [issuer, audience] = ["https://auth.example.com", "https://api.example.com"];
const sign = createSigner({ key, type: "at+jwt", issuer, audience, lifetimeSeconds: 600 });
const good = sign({ sub: "ada", roles: ["user"] });

async function run(
  args: readonly string[],
  line = "",
): Promise<{ printed: string; refused: string | undefined }> {
  let printed = "";
  let refused: string | undefined;
  try {
    await runCommand(["token", ...args], {
      environment: {},
      print: (text) => void (printed += text),
      input: async function* () {
        yield Buffer.from(`${line}\n`);
      },
    });
  } catch (error) {
    refused = (error as Error).message;
  }
  return { printed, refused };
}

async function fileWith(text: string): Promise<string> {
  const file = join(await newFolder(), "keys");
  writeFileSync(file, text);
  return file;
}

describe("countersign token inspect", () => {
  test("shows header, claims and times, and says that nothing was verified", async () => {
    const { printed } = await run(["inspect"], good);
    expect(printed).toContain("NOT VERIFIED");
    expect(printed).toContain('"sub": "ada"');
    expect(printed).toMatch(/exp: 20\S+Z, in (?:10|9) minutes/);
    expect(printed).not.toContain("warning");
    const json = await run(["inspect", "--json", good]);
    expect(JSON.parse(json.printed)).toMatchObject({ verified: false, claims: { sub: "ada" }, warnings: [] });
    expect((await run(["inspect"], `Bearer ${good}`)).printed).toBe(printed);
  });

  test("warns of what is unusual, and refuses what is no token", async () => {
    const text = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const odd = `${text({ alg: "none", jku: "https://example.org" })}.${text({ exp: 1 })}.`;
    const { printed } = await run(["inspect"], odd);
    for (const warning of ["alg is none", "jku", "it has expired", "no audience", "names no issuer"])
      expect(printed).toContain(warning);
    expect((await run(["inspect"], "nonsense")).refused).toMatch(/^this is no JSON Web Token/);
    expect((await run(["inspect"])).refused).toMatch(/standard input must hold the token/);
  });
});

test("a claim cannot make a terminal show something else, and a file of secrets is not shown", async () => {
  const text = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const odd = `${text({ alg: "none" })}.${text({ sub: "a\u001B[2Jb\u009B2Jc\u202Ed" })}.`;
  const { printed } = await run(["inspect"], odd);
  expect(printed).toContain(String.raw`a\u001b[2Jb\u009b2Jc\u202ed`);
  const secret = randomBytes(32).toString("base64url");
  const { refused } = await run(["verify", "--jwks-file", await fileWith(secret)], good);
  expect(refused).toContain("it is no JSON");
  expect(refused).not.toContain(secret.slice(0, 6));
});

describe("countersign token verify", () => {
  test("says that a token holds by a file of keys, and what was not judged", async () => {
    const file = await fileWith(JSON.stringify(exportJwkSet(keySet([key]))));
    const { printed, refused } = await run(["verify", "--jwks-file", file], good);
    expect(refused).toBeUndefined();
    expect(printed).toMatch(/^The token holds; not judged: issuer, audience, revocation\./);
    const whole = ["verify", "--jwks-file", file, "--issuer", issuer, "--audience", audience, "--json"];
    expect(JSON.parse((await run(whole, good)).printed)).toMatchObject({
      verified: true,
      not_judged: ["revocation"],
      claims: { sub: "ada" },
    });
  });

  test("names the reason of what does not hold", async () => {
    const file = await fileWith(JSON.stringify(exportJwkSet(keySet([key]))));
    const [head, payload, signature = ""] = good.split(".");
    const forged = `${head}.${payload}.${signature.slice(0, -4)}AAAA`;
    const bad = await run(["verify", "--json", "--jwks-file", file], forged);
    expect(bad.refused).toMatch(/^the token does not hold: /);
    expect(JSON.parse(bad.printed)).toMatchObject({ verified: false });
    for (const [flag, value] of [
      ["--issuer", "https://other.example.com"],
      ["--audience", "https://other.example.com"],
      ["--type", "logout+jwt"],
    ] as const)
      expect((await run(["verify", "--jwks-file", file, flag, value], good)).refused).toMatch(
        /does not hold/,
      );
    const another = await fileWith(JSON.stringify(exportJwkSet(keySet([await generateKey("ES256")]))));
    expect((await run(["verify", "--jwks-file", another], good)).refused).toMatch(/does not hold/);
  });

  test("takes the secret of HS256 from a file, and keys from a URL of this machine or by https", async () => {
    const bytes = randomBytes(32);
    const token = createSigner({
      key: secretKey("HS256", bytes),
      type: "at+jwt",
      issuer,
      audience,
      lifetimeSeconds: 60,
    })({ sub: "ada" });
    const file = await fileWith(`${bytes.toString("base64url")}\n`);
    const held = await run(["verify", "--secret-file", file], token);
    expect(held).toMatchObject({ refused: undefined });
    expect(held.printed).not.toContain(bytes.toString("base64url"));

    const server = createServer((request, reply) => {
      if (request.url === "/large") reply.end("x".repeat(2 * 1024 * 1024));
      else if (request.url === "/away") reply.writeHead(302, { location: "/jwks" }).end();
      else reply.end(JSON.stringify(exportJwkSet(keySet([key]))));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await run(["verify", "--jwks-url", `${url}/jwks`], good)).toMatchObject({ refused: undefined });
    expect((await run(["verify", "--jwks-url", `${url}/large`], good)).refused).toContain("more than 1 MiB");
    expect((await run(["verify", "--jwks-url", `${url}/away`], good)).refused).toMatch(/no key comes from/);
    expect((await run(["verify", "--jwks-url", "http://auth.example.com/jwks"], good)).refused).toContain(
      "by https alone",
    );
    expect((await run(["verify"], good)).refused).toContain("needs one of");
    expect((await run(["verify", "--secret-file", file, "--jwks-file", file], good)).refused).toContain(
      "needs one of",
    );
  });
});
