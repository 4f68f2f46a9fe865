import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startApi } from "./running-api.ts";

const dataDir = join(mkdtempSync(join(tmpdir(), "countersign-")), "data");

afterAll(() => rmSync(join(dataDir, ".."), { recursive: true }));

test("npm start prints four commands, and pasting them does what they say; the next start knows the account", async () => {
  const started = performance.now();
  const api = await startApi(dataDir);
  const readyMs = performance.now() - started;
  const commands = api
    .output()
    .split("\n")
    .filter((line) => /^(curl|TOKEN=)/.test(line));
  expect(commands).toHaveLength(4);

  // One shell, as somebody would paste them one after the other.
  const pasted = execFileSync("bash", ["-c", commands.join("\necho ------\n")], { encoding: "utf8" });
  const [signup, login, posts, tampered] = pasted.split("------\n");
  expect(signup).toMatch(/^HTTP\/1.1 201 Created/);
  expect(login).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  expect(posts).toMatch(/^HTTP\/1.1 200 OK/);
  expect(posts).toContain('{"posts":[],"next_before":null}');
  expect(tampered).toMatch(/^HTTP\/1.1 401 Unauthorized/);
  expect(tampered).toContain('www-authenticate: Bearer error="invalid_token"');

  expect(api.errors()).toBe("");
  await api.stop("SIGINT");
  expect(readyMs).toBeLessThan(10_000);
  for (const file of ["master.key", "countersign.db"])
    expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);

  const again = await startApi(dataDir);
  const [, loginAgain = ""] = again
    .output()
    .split("\n")
    .filter((line) => /^(curl|TOKEN=)/.test(line));
  expect(execFileSync("bash", ["-c", loginAgain], { encoding: "utf8" })).toMatch(
    /^[\w-]+\.[\w-]+\.[\w-]+\n$/,
  );
  await again.stop("SIGINT");
});

test("refuses to start with a secret that others can read, without the secret, and never makes a new one", async () => {
  const key = join(dataDir, "master.key");
  chmodSync(key, 0o644);
  await expect(startApi(dataDir, { direct: true })).rejects.toThrow(`chmod 600 ${key}`);
  chmodSync(key, 0o600);
  renameSync(key, `${key}.away`);
  await expect(startApi(dataDir, { direct: true })).rejects.toThrow("There is data, but no master key");
  expect(() => statSync(key)).toThrow("ENOENT");
  renameSync(`${key}.away`, key);
  const api = await startApi(dataDir, { direct: true });
  await expect(startApi(dataDir, { direct: true })).rejects.toThrow("is open in another process");
  expect(await api.stop("SIGINT")).toBe(0);
});
