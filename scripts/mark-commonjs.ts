// Tells Node and the compiler that what stands in `dist/cjs` is CommonJS, whatever the package's own `type` is; part of the build.
import { existsSync, globSync, writeFileSync } from "node:fs";

for (const folder of globSync("packages/*/dist/cjs")) {
  const file = `${folder}/package.json`;
  // A build that has nothing to do writes nothing: others may read it at the same time.
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify({ type: "commonjs" })}\n`);
}
