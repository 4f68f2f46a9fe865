// The list of common passwords and the keyboard, read when the first password is judged: an idle server does without
// their 20 MB, and its start without the time to unpack them.
import { createRequire } from "node:module";
import type * as Language from "@zxcvbn-ts/language-common";

export interface PasswordList {
  readonly common: ReadonlySet<string>;
  /** What lies beside each key, in one of six directions. */
  readonly neighbours: Readonly<Record<string, readonly (string | null)[]>>;
}

let read: PasswordList | undefined;

export function passwordList(): PasswordList {
  if (read === undefined) {
    // Not `import()`: a password is judged at once, and whoever asks waits for nothing else.
    const { adjacencyGraphs, dictionary } = createRequire(import.meta.url)(
      "@zxcvbn-ts/language-common",
    ) as typeof Language;
    read = { common: new Set(dictionary["passwords-common"]), neighbours: adjacencyGraphs.qwerty };
  }
  return read;
}
