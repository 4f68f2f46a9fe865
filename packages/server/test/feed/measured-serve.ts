// `countersign serve` that also says what memory it uses: at each SIGUSR2 it prints a line.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface MemoryUsed {
  /** On the heap and beside it, without what nobody needs any more. */
  readonly usedBytes: number;
  /** All that the process has, with the reserve of V8 and the structures of Node, libuv and the allocator. */
  readonly residentBytes: number;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

process.on("SIGUSR2", () => {
  // Twice, as what the first run frees may hold on to more.
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  const memory: MemoryUsed = { usedBytes: heapUsed + external, residentBytes: rss };
  process.stdout.write(`${JSON.stringify({ memory })}\n`);
});

await import("../../src/cli/main.ts");
