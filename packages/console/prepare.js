// Builds the console after an install. Without the development dependencies there is nothing to build with, and nothing is done.
// Plain JavaScript, as the Node that runs it may be older than the pinned one.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const { resolve } = createRequire(import.meta.url);

/** Others bring Vite along, so that Vite alone says little. */
const isComplete = ["vite", "preact", "@preact/signals", "preact-iso", "bowser"].every((name) => {
  try {
    return resolve(name) !== "";
  } catch {
    return false;
  }
});

if (isComplete) {
  const { build } = await import("vite");
  await build({ configFile: fileURLToPath(new URL("vite.config.ts", import.meta.url)), logLevel: "warn" });
}
