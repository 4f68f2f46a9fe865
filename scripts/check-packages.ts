// Lints every publishable package as it would be packed; run after `npm run build`.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";

for (const name of readdirSync("packages")) {
  execFileSync("publint", ["run", `packages/${name}`, "--strict"], { stdio: "inherit" });
}
