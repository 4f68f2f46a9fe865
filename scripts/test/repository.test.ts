import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { readManifest } from "../release/manifests.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

test(".node-version names the Node that the scripts run with", () => {
  expect(read(".node-version").trim()).toBe(readManifest(root).devDependencies?.["node"]);
});

test("a host's workflow runs .ci/run and decides nothing itself", () => {
  const steps = [...read(".github/workflows/ci.yml").matchAll(/^ *- run: (.*)$/gm)].map(([, step]) => step);
  expect(steps).toEqual([".ci/run"]);
});
