import { expect, test } from "vitest";
import { createLogOutput, type LogOutput } from "../../src/http/log-output.ts";

/** A disk with so much room. */
function newDisk(): { room: number; text: string; output: LogOutput } {
  const disk = {
    room: Number.POSITIVE_INFINITY,
    text: "",
    output: createLogOutput({
      nowMs: () => 7,
      writeBytes(bytes) {
        if (disk.room === 0) throw Object.assign(new TypeError("no space left"), { code: "ENOSPC" });
        const written = Math.min(disk.room, bytes.length);
        disk.room -= written;
        disk.text += Buffer.from(bytes.subarray(0, written)).toString();
        return written;
      },
    }),
  };
  return disk;
}

test("lines that cannot be written are dropped and counted, and the next that can says how many", () => {
  const disk = newDisk();
  disk.output.write('{"n":1}\n');
  disk.room = 0;
  for (let n = 2; n < 5; n += 1) disk.output.write(`{"n":${n}}\n`);
  expect(disk.output.dropped()).toBe(3);
  expect(disk.text).toBe('{"n":1}\n');
  disk.room = Number.POSITIVE_INFINITY;
  disk.output.write('{"n":5}\n');
  disk.output.write('{"n":6}\n');
  expect(disk.text.trimEnd().split("\n")).toEqual([
    '{"n":1}',
    '{"level":40,"time":7,"log_lines_dropped":3,"msg":"log lines were dropped"}',
    '{"n":5}',
    '{"n":6}',
  ]);
  expect(disk.output.dropped()).toBe(3);
});

test("whatever room there is at whatever time, a reader sees whole lines in their order and a count of the others", () => {
  for (let room = 0; room < 200; room += 1) {
    const disk = newDisk();
    for (let n = 0; n < 40; n += 1) {
      disk.room = n % 4 === 3 ? room : 5;
      disk.output.write(`{"n":${n},"text":"é"}\n`);
    }
    disk.room = Number.POSITIVE_INFINITY;
    disk.output.write('{"n":99}\n');
    const lines = disk.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { n?: number; log_lines_dropped?: number });
    const numbers = lines.flatMap(({ n }) => (n === undefined ? [] : [n]));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(numbers.at(-1)).toBe(99);
    expect(numbers.length + disk.output.dropped()).toBe(41);
    const told = lines.flatMap(({ log_lines_dropped: count }) => (count === undefined ? [] : [count]));
    expect(told.at(-1) ?? 0).toBe(disk.output.dropped());
  }
});
