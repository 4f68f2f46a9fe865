// The built pages of the console, read once at the start.
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface ConsoleFile {
  readonly type: string;
  readonly content: Buffer;
}

export interface ConsoleFiles {
  /** The one document that every page is. What it loads is named relative to `/console/`. */
  readonly document: string;
  /** What the document loads, by its path below `/console/`. */
  readonly assets: ReadonlyMap<string, ConsoleFile>;
}

/** Beside `dist/` in the package, beside `src/` in a clone: whoever builds the console puts it there. */
const builtFolder = fileURLToPath(new URL("../../console", import.meta.url));

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/** Undefined where the console was not built. */
export function readConsoleFiles(folder: string = builtFolder): ConsoleFiles | undefined {
  const document = join(folder, "index.html");
  if (!existsSync(document)) return undefined;
  const assets = globSync("**/*", { cwd: folder }).flatMap((path): [string, ConsoleFile][] => {
    const type = types[extname(path)];
    if (type === undefined || !statSync(join(folder, path)).isFile()) return [];
    return [[path.replaceAll("\\", "/"), { type, content: readFileSync(join(folder, path)) }]];
  });
  return { document: readFileSync(document, "utf8"), assets: new Map(assets) };
}
