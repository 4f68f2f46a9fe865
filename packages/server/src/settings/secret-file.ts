// Secrets that somebody put into a file: mounted by Docker, Kubernetes or systemd, mostly a symlink
// to a file that belongs to root.
import { readFileSync, statSync } from "node:fs";

const maxBytes = 64 * 1024;

export type SecretFile = { readonly text: string } | { readonly problem: string };

/**
 * The text without its line end, or what follows the variable's name in a sentence that says what
 * is wrong.
 */
export function readSecretFile(path: string): SecretFile {
  try {
    const { mode, size } = statSync(path, { bigint: false });
    if ((mode & 0o170_000) !== 0o100_000) return { problem: `names no file: ${path}` };
    // Docker mounts them as 0444; nobody mounts them so that everybody can choose the secret.
    if ((mode & 0o002) !== 0) return { problem: `names a file that everybody can write: chmod o-w ${path}` };
    if (size > maxBytes) return { problem: `names a file of over ${maxBytes} bytes: ${path}` };
    const text = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    return text === "" ? { problem: `names an empty file: ${path}` } : { text };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && typeof error.code === "string")) throw error;
    return { problem: `names a file that cannot be read (${error.code}): ${path}` };
  }
}
