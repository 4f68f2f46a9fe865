// Writes a project: the template of its shape and framework, and what both have in common.
import { cp, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Choices } from "./choices.ts";
import { CreateError } from "./errors.ts";
import { makeFolders } from "./folders.ts";
import { createManifest } from "./manifest.ts";
import { createReadme } from "./readme.ts";

/** Beside `src` in a clone and beside `dist` where it is installed. */
const templates = fileURLToPath(new URL("../templates/", import.meta.url));
const ownManifest = new URL("../package.json", import.meta.url);

/**
 * Makes the project in this folder, whose name becomes the name of the package.
 *
 * @throws CreateError `name_invalid`, `folder_not_made`, `folder_not_empty`
 */
export async function createProject(folder: string, choices: Choices): Promise<void> {
  const name = basename(resolve(folder));
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)) {
    throw new CreateError(
      "name_invalid",
      `The folder's name becomes the name of a package, so it takes small letters, digits, dots and dashes: not ${JSON.stringify(name.slice(0, 100))}`,
    );
  }
  await makeFolders(resolve(folder));
  if ((await readdir(folder)).length > 0) {
    throw new CreateError(
      "folder_not_empty",
      `${folder} is not empty. Choose a folder that is, or a new one`,
    );
  }
  const { version } = JSON.parse(await readFile(ownManifest, "utf8")) as { version: string };
  const { framework, shape } = choices;
  for (const template of ["common", shape, `${shape}-${framework}`]) {
    await cp(join(templates, template), folder, { recursive: true, force: true });
  }
  // npm publishes no file of this name.
  await rename(join(folder, "gitignore"), join(folder, ".gitignore"));
  await writeFile(join(folder, ".env"), createEnvironment(choices, name));
  await writeFile(join(folder, "README.md"), createReadme(name, choices));
  const manifest = createManifest(name, choices, version);
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

function createEnvironment({ database, shape }: Choices, name: string): string {
  const lines = [
    "# Read by the scripts of package.json. Not for the repository: .gitignore names it.",
    database === "postgres"
      ? "COUNTERSIGN_DATABASE_URL=postgres://postgres:postgres@127.0.0.1:5432/postgres"
      : "# The accounts are in data/countersign.db; postgres://… here puts them into PostgreSQL.\n# COUNTERSIGN_DATABASE_URL=",
    ...(shape === "auth-server" ? ["ISSUER=http://127.0.0.1:3001", `AUDIENCE=${name}`] : []),
    "PORT=3000",
  ];
  return `${lines.join("\n")}\n`;
}
