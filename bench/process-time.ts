/** The processor time of processes that are not ours to ask, where the system tells it (Linux). */
import { readFileSync } from "node:fs";

/** Fields 14 and 15 of proc(5), in ticks of 10 ms; the name in field 2 may hold anything but ends with the last bracket. */
export function cpuMicrosecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
