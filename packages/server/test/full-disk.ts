// A small file system of a test's own, which the test can fill.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Whether this user may mount one: root in a container of its own mostly may. */
export const canMountDisks: boolean = tryOut();

/** A folder that holds `kibibytes`; unmounted when the test is over. Say it before whatever writes there. */
export function newSmallDisk(kibibytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), "countersign-disk-"));
  if (!mount(folder, kibibytes)) throw new TypeError(`nothing can be mounted at ${folder}`);
  onTestFinished(() => unmount(folder));
  return folder;
}

function tryOut(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "countersign-disk-"));
  const isMounted = mount(folder, 64);
  if (isMounted) unmount(folder);
  else rmSync(folder, { recursive: true });
  return isMounted;
}

function mount(folder: string, kibibytes: number): boolean {
  const options = `size=${kibibytes}k,mode=0700`;
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]).status === 0;
}

function unmount(folder: string): void {
  // Lazily, should something still hold a file there.
  spawnSync("umount", ["--lazy", folder]);
  rmSync(folder, { recursive: true, force: true });
}
