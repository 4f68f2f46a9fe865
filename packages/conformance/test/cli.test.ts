// Way two: the command against real servers, careful and careless ones.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createVerifier, importJwk, keySet, secretKey } from "@countersign/token";
import type { Jwk } from "@countersign/token";
import { describe, expect, onTestFinished, test } from "vitest";
import { run } from "../src/cli/run.ts";
import { forgeFrom, makeKeys } from "../src/keys.ts";
import type { AttackKeys } from "../src/keys.ts";
import { guardedBy, listen } from "./local-server.ts";
import type { Handler } from "./local-server.ts";
import { isRight, open } from "./naive-verifier.ts";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command, in this process. */
async function command(...argv: readonly string[]): Promise<Ran> {
  let out = "";
  let err = "";
  const streams = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    interactive: false,
  };
  return { code: await run(argv, streams, "1.2.3"), out, err };
}

function attackOn(origin: string, token: string, ...more: readonly string[]): Promise<Ran> {
  return command("--url", `${origin}/posts`, "--token", token, "--rate", "1000", ...more);
}

async function temporaryFile(name: string, content = ""): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-conformance-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

/** A server with nothing wrong: one credential, strictly verified. */
function careful({ setup }: AttackKeys): Handler {
  const { issuer, audience, type, secret, publicJwk, kid } = setup;
  const key = secret === undefined ? importJwk(publicJwk as Jwk) : secretKey("HS256", secret, { kid });
  const verify = createVerifier({ keys: keySet([key]), issuer, audience, type });
  return guardedBy((token) => {
    try {
      return token !== undefined && verify(token).sub !== "";
    } catch {
      return false;
    }
  });
}

describe("countersign-conformance", () => {
  test("says what it will do, finds nothing at a careful server, and exits with 0", async () => {
    const keys = makeKeys("HS256");
    const origin = await listen(careful(keys));
    const { code, out, err } = await attackOn(origin, forgeFrom(keys).honest);
    expect(err).toContain(`About to pose`);
    expect(err).toContain(`${origin}/posts`);
    expect(out).toContain("Nothing got in, and nobody honest was turned away.");
    expect(out).toMatch(/transport +\d+ +0 +2 +0/);
    expect(code).toBe(0);
  });

  test("poses the attacks that need public keys when it is given a key set", async () => {
    const keys = makeKeys("ES256");
    const { jwks } = keys.setup;
    const guard = careful(keys);
    const origin = await listen((request, response) => {
      if (request.url === "/jwks.json") response.end(JSON.stringify(jwks));
      else guard(request, response);
    });
    const { honest } = forgeFrom(keys);
    const without = await attackOn(origin, honest, "--json");
    const withKeys = await attackOn(origin, honest, "--json", "--jwks", `${origin}/jwks.json`);
    expect(withKeys.err).toMatch(
      /^Reading the key set at http:\/\/127\.0\.0\.1:\d+\/jwks\.json\.\nAbout to pose/,
    );
    expect(without.out).not.toContain("as the HS256 secret");
    expect(withKeys.out).toContain("public key (JWK) as the HS256 secret");
    expect([without.code, withKeys.code]).toEqual([0, 0]);
  });

  test("poses every signed oddity when it is given the secret", async () => {
    const keys = makeKeys("HS256");
    const origin = await listen(careful(keys));
    const file = await temporaryFile("secret");
    await writeFile(file, keys.setup.secret ?? "");
    const { code, out } = await attackOn(origin, forgeFrom(keys).honest, "--secret-file", file);
    expect(out).toMatch(/claims +\d{2} +0 +0 +0/);
    expect(out).toContain("Nothing got in");
    expect(code).toBe(0);
  });

  test("exits with 1 and names the case when a server believes in alg none", async () => {
    const keys = makeKeys("RS256");
    const origin = await listen(
      guardedBy((token = "") => {
        try {
          const { header, input, signature } = open(token);
          return header["alg"] === "none" || isRight(keys, input, signature);
        } catch {
          return false;
        }
      }),
    );
    const { code, out } = await attackOn(origin, forgeFrom(keys).honest);
    expect(out).toContain("LET IN: A1 alg none, empty signature");
    expect(code).toBe(1);
  });

  test("exits with 1 at a server that believes a header field, or a token in the address", async () => {
    const keys = makeKeys("HS256");
    const { honest } = forgeFrom(keys);
    const origin = await listen(
      guardedBy(
        (token, { url = "", headers }) =>
          token === honest || headers["x-user-id"] !== undefined || url.includes(`access_token=${honest}`),
      ),
    );
    const { code, out } = await attackOn(origin, honest);
    expect(out).toContain("LET IN: E13 no credentials, X-User-Id");
    expect(out).toContain("LET IN: E13 the honest token as ?access_token=");
    expect(code).toBe(1);
  });

  test("does not call a server lax that turns honest spellings away, but says so", async () => {
    const { honest } = forgeFrom(makeKeys("HS256"));
    const origin = await listen((request, response) => {
      response.statusCode = request.headers.authorization === `Bearer ${honest}` ? 200 : 401;
      response.end();
    });
    const { code, out } = await attackOn(origin, honest);
    expect(out).toContain("TURNED AWAY, though honest: E13 the honest token under the scheme bearer");
    expect(out).toContain("LET IN: E13 two Authorization fields: an honest, then a forged one");
    expect(code).toBe(1);
  });

  test("takes a broken connection and a 500 for refusals, and remarks on the latter", async () => {
    const keys = makeKeys("HS256");
    const guard = careful(keys);
    const origin = await listen((request, response) => {
      const field = request.headers.authorization ?? "";
      if (field.includes("..")) request.socket.destroy();
      else if (field.startsWith("Basic")) response.writeHead(500).end();
      else guard(request, response);
    });
    const { code, out } = await attackOn(origin, forgeFrom(keys).honest);
    expect(out).toContain("Refused, but oddly: E13 Authorization is a Basic credential for admin");
    expect(out).toContain("HTTP 500");
    expect(code).toBe(0);
  });

  test("never follows a redirect", async () => {
    let visits = 0;
    const elsewhere = await listen((_request, response) => {
      visits++;
      response.end();
    });
    const keys = makeKeys("HS256");
    const { honest } = forgeFrom(keys);
    const origin = await listen((request, response) => {
      if (request.headers.authorization === `Bearer ${honest}`) response.end();
      else response.writeHead(302, { location: elsewhere }).end();
    });
    await attackOn(origin, honest);
    expect(visits).toBe(0);
  });

  test("notices a server that fetches the key which a token points to", async () => {
    const keys = makeKeys("ES256");
    const guard = careful(keys);
    const origin = await listen((request, response) => {
      const token = request.headers.authorization?.split(" ")[1] ?? "";
      const { jku } = headerOf(token);
      const asked = typeof jku === "string" ? fetch(jku) : Promise.resolve();
      void asked.finally(() => guard(request, response));
    });
    const { code, out } = await attackOn(origin, forgeFrom(keys).honest);
    expect(out).toContain("LET IN: K2 jku header names the attacker's key set");
    expect(code).toBe(1);
  });

  test("waits as long as Retry-After says, and goes on", async () => {
    const keys = makeKeys("HS256");
    const guard = careful(keys);
    let busy = 3;
    const origin = await listen((request, response) => {
      if (busy-- > 0) response.writeHead(429, { "retry-after": "0" }).end();
      else guard(request, response);
    });
    const { code } = await attackOn(origin, forgeFrom(keys).honest);
    expect(code).toBe(0);
  });

  test("writes one JSON object per line, with the members that it promises", async () => {
    const keys = makeKeys("HS256");
    const origin = await listen(careful(keys));
    const { out } = await attackOn(origin, forgeFrom(keys).honest, "--json");
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.length).toBeGreaterThan(150);
    for (const line of lines) {
      expect(Object.keys(line).slice(0, 7)).toEqual([
        "target",
        "version",
        "family",
        "name",
        "source",
        "expected",
        "got",
      ]);
      expect(line).toMatchObject({ target: `${origin}/posts`, version: null, got: line["expected"] });
    }
  });

  test("writes JUnit XML with a failure for what got in", async () => {
    const keys = makeKeys("HS256");
    const { honest } = forgeFrom(keys);
    const origin = await listen(
      guardedBy((token, { headers }) => token === honest || headers["x-user"] === "admin"),
    );
    const file = await temporaryFile("junit.xml");
    const { code } = await attackOn(origin, honest, "--junit", file);
    const xml = await readFile(file, "utf8");
    expect(xml).toContain('<failure message="expected reject, got accept">');
    expect(xml).toContain("no credentials, X-User (HS256)");
    expect(xml.match(/<testcase /g)?.length).toBe(Number(/<testsuites [^>]*tests="(\d+)"/.exec(xml)?.[1]));
    expect(code).toBe(1);
  });

  test("never shows the token", async () => {
    const keys = makeKeys("HS256");
    const { honest } = forgeFrom(keys);
    const origin = await listen(careful(keys));
    const runs = [
      await attackOn(origin, honest),
      await attackOn(origin, honest, "--json"),
      await attackOn(origin, honest.slice(0, 40)),
      await command(honest),
    ];
    for (const { out, err } of runs) expect(out + err).not.toContain(honest.slice(0, 40));
  });
});

describe("a target that cannot be judged, exit code 2", () => {
  const { honest } = forgeFrom(makeKeys("HS256"));

  test.each([
    ["lets everybody in", () => 200, "Without a token it answers 200"],
    ["refuses everybody", () => 403, "With the token given it answers 403"],
    ["limits the rate for ever", () => 429, "It keeps answering 429"],
  ])("because it %s", async (_name, status, sentence) => {
    const origin = await listen((_request, response) => {
      response.writeHead(status(), { "retry-after": "0" }).end();
    });
    const { code, err, out } = await attackOn(origin, honest);
    expect(err).toContain(`The target can't be judged. ${sentence}`);
    expect(out).toBe("");
    expect(code).toBe(2);
  });

  test("because the token dies during the run", async () => {
    let requests = 0;
    const origin = await listen(guardedBy((token) => token === honest && ++requests < 5));
    const { code, err } = await attackOn(origin, honest);
    expect(err).toContain("stopped working during the run");
    expect(code).toBe(2);
  });

  test("because nobody is there", async () => {
    const { code, err } = await attackOn("http://127.0.0.1:1", honest);
    expect(err).toContain("There is no answer from http://127.0.0.1:1.");
    expect(code).toBe(2);
  });

  test("because the token is none", async () => {
    const origin = await listen((_request, response) => void response.end());
    for (const token of ["opaque", "a.b.c", "e30.e30.", "W10.W10.AA"]) {
      const { code, err } = await attackOn(origin, token);
      expect(err).toContain("not a signed JSON Web Token");
      expect(code).toBe(2);
    }
  });

  test("because the key set is none, or the secret is another", async () => {
    const origin = await listen((_request, response) => void response.end("[]"));
    const jwks = await attackOn(origin, honest, "--jwks", `${origin}/jwks.json`);
    expect(jwks.err).toContain("There is no key set");
    const secret = await attackOn(origin, honest, "--secret-file", await temporaryFile("secret", "other"));
    expect(secret.err).toContain("The secret given does not sign the token given.");
    expect([jwks.code, secret.code]).toEqual([2, 2]);
  });
});

describe("the command line", () => {
  test.each([
    [[], "--url is missing."],
    [["--url", "http://127.0.0.1:1/"], "--token is missing."],
    [["--url", "ftp://127.0.0.1/", "--token", "x"], "--url takes an http or https URL."],
    [["--url", "http://127.0.0.1:1/", "--token", "x", "--rate", "0"], "--rate is a number"],
    [
      ["--url", "http://127.0.0.1:1/", "--token", "x", "--secret-file", "/no/such/file"],
      "--secret-file cannot be read.",
    ],
    [["--url", "https://api.example.com/", "--token", "x"], "api.example.com is not on this machine."],
    [["--frobnicate"], "--frobnicate is not an option."],
    [["stray"], "An argument belongs to no option."],
    [["--url"], "--url takes a value, and there is none."],
    [["--url", "--token", "x"], "--url takes a value, and there is none."],
    [["--json=1"], "--json takes no value."],
    [["--url", "http://me@127.0.0.1:1/", "--token", "x"], "without a user name or password"],
    [
      ["--url", "http://127.0.0.1:1/", "--token", "x", "--junit", "/no/such/folder/file.xml"],
      "--junit cannot be written there.",
    ],
  ])("explains %j, shows the usage and exits with 2", async (argv, sentence) => {
    const { code, err } = await command(...argv);
    expect(err).toContain(sentence);
    expect(err).toContain("Usage: countersign-conformance");
    expect(code).toBe(2);
  });

  test("shows help and version, as a program of its own", async () => {
    const main = fileURLToPath(new URL("../bin/countersign-conformance.js", import.meta.url));
    const node = promisify(execFile);
    const help = await node(process.execPath, [main, "--help"]);
    const short = await node(process.execPath, [main, "-h"]);
    const version = await node(process.execPath, [main, "--version"]);
    expect(help.stdout).toContain("Usage: countersign-conformance");
    expect(short.stdout).toBe(help.stdout);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    await expect(node(process.execPath, [main])).rejects.toMatchObject({ code: 2 });
  });

  test("is what npx finds in a clone, where nothing is built", async () => {
    const linked = fileURLToPath(
      new URL("../../../node_modules/.bin/countersign-conformance", import.meta.url),
    );
    expect(await realpath(linked)).toBe(
      fileURLToPath(new URL("../bin/countersign-conformance.js", import.meta.url)),
    );
  });

  test("exits with 2 when whoever reads its results goes away", async () => {
    const { honest } = forgeFrom(makeKeys("HS256"));
    const origin = await listen(guardedBy((token) => token === honest));
    const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
    const child = spawn(
      process.execPath,
      [main, "--url", origin, "--token", honest, "--rate", "1000", "--json"],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    child.stdout.destroy();
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBe(2);
  });
});

function headerOf(token: string): Record<string, unknown> {
  try {
    return open(token).header;
  } catch {
    return {};
  }
}
