#!/usr/bin/env node
// npm links this file when it installs, and in a clone nothing is built by then: there the sources run as they are.
import module from "node:module";

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
