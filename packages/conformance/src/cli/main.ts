#!/usr/bin/env node
// The command countersign-conformance.
import { readFileSync } from "node:fs";
import { run } from "./run.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

// Whoever read the results has gone, as `head` does: there is nobody left to hear a verdict.
process.stdout.on("error", () => process.exit(2));

process.exitCode = await run(
  process.argv.slice(2),
  {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    interactive: process.stderr.isTTY,
  },
  version,
);
