// Progress while the kit runs.
import type { AttackResult } from "./attack-report.ts";

export interface Progress {
  readonly step: (result: AttackResult) => void;
  readonly end: () => void;
}

/** On a terminal one line that is written over; elsewhere a line at the start of each family. */
export function createProgress(title: string, interactive: boolean, write: (text: string) => void): Progress {
  const families = new Set<string>();
  let done = 0;
  let letIn = 0;
  return {
    step({ family, expected, got }) {
      done++;
      if (expected === "reject" && got === "accept") letIn++;
      if (interactive) write(`\r\u001b[K${title}: ${done} posed, ${letIn} let in (${family})`);
      else if (!families.has(family)) write(`${title}: ${family}\n`);
      families.add(family);
    },
    end() {
      write(`${interactive ? "\r\u001b[K" : ""}${title}: ${done} posed, ${letIn} let in\n`);
    },
  };
}
