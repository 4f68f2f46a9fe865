import Fastify, { type FastifyInstance } from "fastify";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConsoleFiles } from "../../src/console/files.ts";
import { consoleRoutes } from "../../src/console/routes.ts";
import { answerError } from "../../src/http/problems.ts";

async function serve(basePath = "", passwordMinLength = 15): Promise<FastifyInstance> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-console-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "assets"));
  await writeFile(
    join(folder, "index.html"),
    '<!doctype html><title>Countersign</title><meta name="password-min-length" content="15" /><script src="./assets/index-abc.js"></script>',
  );
  await writeFile(join(folder, "icon.svg"), "<svg/>");
  await writeFile(join(folder, "assets", "index-abc.js"), "export {};");
  await writeFile(join(folder, "notes.txt"), "not for the web");
  const files = readConsoleFiles(folder);
  if (files === undefined) throw new TypeError("nothing was read");
  const app = Fastify();
  onTestFinished(() => app.close());
  app.setErrorHandler(answerError);
  await app.register(consoleRoutes, { files, basePath, passwordMinLength });
  return app;
}

test("every address below /console is the one document, under a policy that lets in nothing from elsewhere", async () => {
  const app = await serve();
  for (const url of ["/console", "/console/", "/console/account/sessions", "/console/notes.txt"]) {
    const response = await app.inject(url);
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    });
    expect(response.body).toContain("<title>Countersign</title>");
  }
});

test("the document says how long a new password must be here", async () => {
  const app = await serve("", 12);
  expect((await app.inject("/console")).body).toContain('<meta name="password-min-length" content="12" />');
});

test("what the document loads is kept for ever, and what is not there is no page", async () => {
  const app = await serve();
  const script = await app.inject("/console/assets/index-abc.js");
  expect(script.body).toBe("export {};");
  expect(script.headers).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
  });
  expect((await app.inject("/console/icon.svg")).headers["cache-control"]).toBe("no-cache");
  for (const url of ["/console/assets/other.js", "/console/assets/../index.html"]) {
    const response = await app.inject(url);
    expect([200, 404]).toContain(response.statusCode);
    if (response.statusCode === 404) expect(response.json()).toMatchObject({ code: "not_found" });
  }
  expect((await app.inject("/console/assets/other.js")).statusCode).toBe(404);
});

test("a folder without the document is no console", async () => {
  expect(readConsoleFiles(join(tmpdir(), "countersign-nothing-here"))).toBeUndefined();
});

test("the document names what it loads from the root, below whatever path browsers see", async () => {
  for (const basePath of ["", "/auth"]) {
    const { body } = await (await serve(basePath)).inject("/console/account/sessions");
    expect(body).toContain(`<script src="${basePath}/console/assets/index-abc.js">`);
  }
});
