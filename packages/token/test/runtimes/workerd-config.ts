/** What workerd is told: one worker, and every vector file as a text binding. */
import { existsSync } from "node:fs";
import { cp, readdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";

const folders = ["rfc9964-ml-dsa", "wycheproof", "wycheproof-primitives"];

/** Writes the configuration beside the worker, and the vectors too, as it may only name what lies there. */
export async function writeWorkerdConfig(folder: string, worker: string, vectors: string): Promise<string> {
  const paths: string[] = [];
  if (existsSync(vectors)) {
    await cp(vectors, resolve(folder, "vectors"), { recursive: true });
    const listings = folders.map(async (name) =>
      (await readdir(resolve(vectors, name)))
        .filter((file) => file.endsWith(".json"))
        .map((file) => `${name}/${file}`),
    );
    paths.push(...(await Promise.all(listings)).flat());
  }
  const bindings = paths.map((path) => `(name = "${path}", text = embed "vectors/${path}")`);
  const path = resolve(folder, "workerd.capnp");
  await writeFile(
    path,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .suites)]);
const suites :Workerd.Worker = (
  modules = [(name = "main", esModule = embed "${worker}")],
  compatibilityDate = "2026-10-01",
  compatibilityFlags = ["nodejs_compat"],
  bindings = [
    ${bindings.join(",\n    ")}
  ],
);
`,
  );
  return path;
}
