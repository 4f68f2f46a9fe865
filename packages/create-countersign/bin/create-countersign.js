#!/usr/bin/env node
// npm links this file when it installs, and in a clone nothing is built by then: there the sources run as they are.
const isInstalled = import.meta.url.includes("/node_modules/");

await import(isInstalled ? "../dist/cli/main.js" : "../src/cli/main.ts");
