// Where the lines of the log go: to standard output, or nowhere while that cannot be written.
import { writeSync } from "node:fs";

export interface LogOutput {
  /** Takes one line with its end. Never throws. */
  write(line: string): void;
  /** How many lines were dropped since the start. */
  dropped(): number;
}

export interface LogOutputOptions {
  /** Writes to standard output by default, and returns how much of it was written. */
  readonly writeBytes?: (bytes: Uint8Array) => number;
  readonly nowMs?: () => number;
}

const standardOutput = 1;

/**
 * A log that cannot be written (a full disk, a reader that has gone) must neither end the server nor hold it up: its
 * lines are dropped and counted, each next one is tried, and the first that gets through says how many are missing.
 */
export function createLogOutput({
  writeBytes = (bytes) => writeSync(standardOutput, bytes),
  nowMs = Date.now,
}: LogOutputOptions = {}): LogOutput {
  let droppedCount = 0;
  let toldCount = 0;
  /** The end of a line whose beginning was written: it goes first, so that a reader sees whole lines. */
  let rest: Uint8Array = new Uint8Array();

  /** Whether all of it was written. A line of which a part was written counts, as its rest is kept. */
  function tryToWrite(bytes: Uint8Array): boolean {
    try {
      const written = writeBytes(bytes);
      if (written === 0) return false;
      rest = bytes.subarray(written);
      return true;
    } catch {
      // There is nowhere to say so but `/health`.
      return false;
    }
  }

  function writeRest(): boolean {
    return rest.length === 0 || (tryToWrite(rest) && rest.length === 0);
  }

  function tellOfDropped(): boolean {
    if (toldCount === droppedCount) return true;
    const told = { level: 40, time: nowMs(), log_lines_dropped: droppedCount, msg: "log lines were dropped" };
    if (!tryToWrite(Buffer.from(`${JSON.stringify(told)}\n`))) return false;
    toldCount = droppedCount;
    return writeRest();
  }

  return {
    write(line) {
      if (!writeRest() || !tellOfDropped() || !tryToWrite(Buffer.from(line))) droppedCount += 1;
    },
    dropped: () => droppedCount,
  };
}
