// Judges every tarball as whoever installs it would find it, and the change files; run after `npm run build`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readChanges } from "./release/changes.ts";
import { publicPackages } from "./release/manifests.ts";
import { pack, problemsOf } from "./release/tarballs.ts";

const root = process.cwd();
const packages = publicPackages(root);
readChanges(
  join(root, "changes"),
  packages.map(({ folder }) => folder.slice("packages/".length)),
);

const folder = mkdtempSync(join(tmpdir(), "countersign-packed-"));
try {
  const problems = pack(root, packages, folder).flatMap((tarball) => problemsOf(root, tarball));
  if (problems.length > 0) {
    process.stderr.write(`${problems.join("\n")}\n`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
