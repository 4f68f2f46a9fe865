// Lints every publishable package as it would be packed, and the types that whoever installs it gets; run after `npm run build`.
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import type { Problem } from "@arethetypeswrong/core";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { publicPackages } from "./release/manifests.ts";
import { pack } from "./release/tarballs.ts";

for (const name of readdirSync("packages")) {
  execFileSync("publint", ["run", `packages/${name}`, "--strict"], { stdio: "inherit" });
}

/** ES modules alone, as what they depend on is. Node 22.12 and later `require()` it all the same. */
const modulesOnly: ReadonlySet<string> = new Set(["@countersign/server", "create-countersign"]);

/** `node10` knows no `exports`: nothing that runs on Node 22 needs it. */
function isAccepted(name: string, problem: Problem): boolean {
  if ("resolutionKind" in problem && problem.resolutionKind === "node10") return true;
  return problem.kind === "CJSResolvesToESM" && modulesOnly.has(name);
}

const root = process.cwd();
for (const { manifest, file } of pack(root, publicPackages(root), resolve("node_modules/.cache/packed"))) {
  const result = await checkPackage(createPackageFromTarballData(readFileSync(file)));
  const problems = result.types === false ? [] : result.problems;
  for (const problem of problems.filter((problem) => !isAccepted(manifest.name, problem))) {
    process.stderr.write(`${manifest.name}: ${JSON.stringify(problem)}\n`);
    process.exitCode = 1;
  }
}
