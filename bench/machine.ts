/** What the figures were measured on. */
import os from "node:os";
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

/** One line: processor, cores, memory, system, runtime, day. */
export function describeMachine(): string {
  const cores = os.cpus();
  const memoryGiB = Math.round(os.totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  return `${cores[0]?.model ?? "unknown processor"}, ${cores.length} cores, ${memoryGiB} GiB, ${os.type()}, Node ${process.versions.node}, ${day}`;
}

/** The version of a package as it is installed here. */
export function installedVersion(name: string): string {
  const path = findPackageJSON(name, import.meta.url);
  if (path === undefined) throw new TypeError(`${name} is not installed`);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
