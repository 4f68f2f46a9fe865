/** Gives processes a processor of their own, where the system lets us (Linux with `taskset`). */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Processors {
  readonly server: number;
  readonly load: number;
}

/** Two processors that this process may use; undefined where there are not two, or no `taskset`. */
export function separateProcessors(): Processors | undefined {
  try {
    execFileSync("taskset", ["--version"], { stdio: "ignore" });
    const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    const ours = processorsOf(allowed ?? "");
    const [server] = ours;
    // Those with the highest number are the least likely to share a core with the first.
    const load = ours.at(-1);
    return server === undefined || load === undefined || server === load ? undefined : { server, load };
  } catch {
    return undefined;
  }
}

/** All threads of that process stay on that processor from now on, and those that it starts later. */
export function pinTo(processor: number, pid: number): void {
  execFileSync("taskset", ["-a", "-c", "-p", String(processor), String(pid)], { stdio: "ignore" });
}

/**
 * From now on that process has its processor whenever it wants it, and others wait, where we may order that (root). For
 * processes that work in short rounds: without it, half of what is measured on a busy machine is the company.
 */
export function putFirst(pid: number): void {
  try {
    execFileSync("chrt", ["-a", "-r", "-p", "1", String(pid)], { stdio: "ignore" });
  } catch {
    // Then others disturb it more, and the spread shows that.
  }
}

/** The numbers in a list as the kernel writes it: `0-3,8`. */
function processorsOf(list: string): number[] {
  return list
    .split(",")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const [first = 0, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
    });
}
