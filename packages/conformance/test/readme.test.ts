// The README's example is a test that runs, and its tables are what the command and the catalogue know.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { USAGE } from "../src/cli/options.ts";
import { catalogue } from "../src/catalogue.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("shows the example that runs beside this test", () => {
  const example = readFileSync(new URL("readme-example.test.ts", import.meta.url), "utf8");
  expect([...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code)).toEqual([example]);
});

test("names every option of the command", () => {
  const options = new Set(USAGE.match(/--[\w-]+/g));
  expect(
    [...options].filter((option) => !readme.includes(`${option}\``) && !readme.includes(`${option} `)),
  ).toEqual(["--help", "--version"]);
});

test("names every family of the catalogue", () => {
  const families = new Set(catalogue.map(({ family }) => family));
  expect([...families].filter((family) => !readme.includes(`\`${family}\``))).toEqual([]);
});
