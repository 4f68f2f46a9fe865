// Holds the server to its one ordered list: a part imports what stands to its left, and nothing to its right.
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** Features are folders; `features`, `plugin` and the like are files. What stands first knows nobody. */
const order = [
  ..."errors randomness iso-time folders backup settings database http audit passwords throttling metrics hooks keys one-time-codes mail revocations console docs".split(
    " ",
  ),
  ..."devices sessions tokens invitations accounts login email-change email-verification password-reset instances admin second-factor passkeys operations".split(
    " ",
  ),
  ..."pruning background features plugin app handler graceful-stop explain-start first-administrator index cli".split(
    " ",
  ),
];

const root = join(import.meta.dirname, "../packages/server/src");
const problems: string[] = [];

for (const file of globSync("**/*.ts", { cwd: root })) {
  const own = partOf(file);
  if (!order.includes(own))
    problems.push(`${file}: "${own}" stands in no place of the list in scripts/check-imports.ts`);
  for (const [, specifier = ""] of readFileSync(join(root, file), "utf8").matchAll(/\bfrom "(\.[^"]+)"/g)) {
    const target = normalize(join(dirname(file), specifier));
    const other = partOf(target);
    if (target.startsWith("..") || other === own) continue;
    if (order.indexOf(other) > order.indexOf(own))
      problems.push(`${file} imports ${target}, which stands to its right`);
    if (target.endsWith("routes.ts") && own !== "features" && own !== "plugin")
      problems.push(`${file} imports the routes of another feature, ${target}`);
  }
}

process.stdout.write(problems.map((problem) => `${problem}\n`).join(""));
process.exitCode = problems.length === 0 ? 0 : 1;

function partOf(file: string): string {
  return (file.split("/")[0] ?? file).replace(/\.ts$/, "");
}
