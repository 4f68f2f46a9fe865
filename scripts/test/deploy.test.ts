// deploy/ says what the server understands. What it is made of runs in packages/server/test/rolling-restart.test.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { fileVariableOf, variableOf } from "../../packages/server/src/settings/names.ts";
import { optionTable } from "../../packages/server/src/settings/options.ts";

const folder = join(import.meta.dirname, "../../deploy");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly networks?: { readonly inside?: { readonly ipv4_address?: string } };
  readonly stop_grace_period?: string;
  readonly depends_on?: object;
}

const compose = parse(read("compose.yaml"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: object;
};
const known = new Set(Object.keys(optionTable).flatMap((name) => [variableOf(name), fileVariableOf(name)]));

test("every variable of the image and of its two instances is one of the server's", () => {
  const inImage = read("Dockerfile").match(/COUNTERSIGN_\w+/g) ?? [];
  const inCompose = ["auth-1", "auth-2"].flatMap((name) =>
    Object.keys(compose.services[name]?.environment ?? {}),
  );
  expect(inImage.length).toBeGreaterThan(2);
  expect(inCompose.length).toBeGreaterThan(10);
  expect([...inImage, ...inCompose].filter((name) => !known.has(name))).toEqual([]);
});

test("both instances have the secrets that there are, and longer than they drain", () => {
  for (const name of ["auth-1", "auth-2"]) {
    const { environment = {}, secrets = [], stop_grace_period: grace = "" } = compose.services[name] ?? {};
    for (const secret of secrets) expect(compose.secrets).toHaveProperty(secret);
    const files = Object.entries(environment).filter(([variable]) => variable.endsWith("_FILE"));
    expect(files.map(([, file]) => file.replace("/run/secrets/", "")).toSorted()).toEqual(secrets.toSorted());
    const drains = ["COUNTERSIGN_DRAIN_DELAY_SECONDS", "COUNTERSIGN_DRAIN_TIMEOUT_SECONDS"];
    const seconds = drains.reduce((sum, variable) => sum + Number(environment[variable]), 0);
    expect(Number.parseInt(grace, 10)).toBeGreaterThan(seconds);
  }
});

test("nginx asks both instances at their addresses, and both believe it alone", () => {
  const addressOf = (name: string): string => compose.services[name]?.networks?.inside?.ipv4_address ?? "";
  const asked = [...read("nginx.conf").matchAll(/^ {4}server (\S+):3001 max_fails=0;$/gm)];
  expect(asked.map(([, address]) => address)).toEqual([addressOf("auth-1"), addressOf("auth-2")]);
  for (const name of ["auth-1", "auth-2"])
    expect(compose.services[name]?.environment?.["COUNTERSIGN_TRUSTED_PROXIES"]).toBe(addressOf("proxy"));
});
