#!/usr/bin/env node
// npm links this file when it installs, and in a clone nothing is built by then: there the sources run as they are.
import module from "node:module";
import process from "node:process";

// Asked before anything else is loaded: on an older Node the driver of SQLite ends the process without a word.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(
    `countersign needs Node 22.12 or later, and this is Node ${process.versions.node}. Install a later one: https://nodejs.org/\n`,
  );
  process.exit(1);
}

const isInstalled = import.meta.url.includes("/node_modules/");

if (!isInstalled) {
  // Not imported by name: the earliest Node 22 that an installation may run on has no such export.
  module.registerHooks({
    resolve: (specifier, context, nextResolve) =>
      nextResolve(specifier, {
        ...context,
        conditions: [...context.conditions, "@countersign/source"],
      }),
  });
}

await import(isInstalled ? "../dist/cli/main.js" : "../src/cli/main.ts");
