/** The processor time of processes that are not ours to ask, where the system tells it (Linux). */
import { readdirSync, readFileSync } from "node:fs";

/** Of the threads that the process has now. To the nanosecond where the kernel keeps such statistics, else in ticks. */
export function cpuMicrosecondsOf(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const ofThread = (id: string): number =>
      Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, "utf8").split(" ")[0]);
    return threads.reduce((sum, id) => sum + ofThread(id), 0) / 1000;
  } catch {
    return ticksOf(pid) * 10_000;
  }
}

/** Fields 14 and 15 of proc(5), in ticks of 10 ms; the name in field 2 may hold anything but ends with the last bracket. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/**
 * How long its main thread stood ready and had to wait for a processor that others had; 0 where the system does not say.
 */
export function waitedMicrosecondsOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / 1000;
  } catch {
    return 0;
  }
}
