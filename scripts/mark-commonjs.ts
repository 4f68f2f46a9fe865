// Tells Node and the compiler that what stands in `dist/cjs` is CommonJS, whatever the package's own `type` is; part of the build.
import { globSync, writeFileSync } from "node:fs";

for (const folder of globSync("packages/*/dist/cjs")) {
  writeFileSync(`${folder}/package.json`, `${JSON.stringify({ type: "commonjs" })}\n`);
}
