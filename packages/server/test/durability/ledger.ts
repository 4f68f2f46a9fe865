// What the server acknowledged, written down and flushed before the next request: the truth that it is held to.
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

export type Fact =
  | { readonly fact: "signed_up"; readonly email: string }
  | {
      readonly fact: "got_tokens";
      readonly session: number;
      readonly access: string;
      readonly refresh: string;
    }
  /** From here to its acknowledgement the session may have ended or not. */
  | { readonly fact: "asks_to_log_out"; readonly session: number }
  | { readonly fact: "logged_out"; readonly session: number };

export interface Ledger {
  write(fact: Fact): void;
  /** Resolves when so many more facts have been written. */
  grown(facts: number): Promise<void>;
  /** Reads it all back from the file. */
  read(): Fact[];
  close(): void;
}

export function openLedger(path: string): Ledger {
  const file = openSync(path, "a", 0o600);
  let written = 0;
  let onWrite = (): void => undefined;
  return {
    write(fact) {
      writeSync(file, `${JSON.stringify(fact)}\n`);
      fsyncSync(file);
      written += 1;
      onWrite();
    },
    grown(facts) {
      const target = written + facts;
      return new Promise((resolve) => {
        onWrite = () => {
          if (written >= target) resolve();
        };
      });
    },
    read: () =>
      readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Fact),
    close: () => closeSync(file),
  };
}
