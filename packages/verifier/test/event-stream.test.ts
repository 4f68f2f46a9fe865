// Server-sent events out of bytes, cut wherever the network likes.
import fc from "fast-check";
import { expect, test } from "vitest";
import { EventStreamError, readEvents } from "../src/event-stream.ts";
import type { ServerEvent } from "../src/event-stream.ts";

async function* chunks(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === "string" ? Buffer.from(part) : part;
}

async function read(...parts: (string | Uint8Array)[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(chunks(...parts), 100)) events.push(event);
  return events;
}

test("reads name, data and id, joins data lines, and keeps the id for later events", async () => {
  expect(await read("id: 1\nevent: a\ndata: x\ndata:y\n\ndata\n\nid\ndata: z\n\n")).toEqual([
    { event: "a", data: "x\ny", id: "1" },
    { event: "message", data: "", id: "1" },
    { event: "message", data: "z", id: "" },
  ]);
});

test("skips comments, unknown fields, events without data, and what is unfinished at the end", async () => {
  expect(await read(": hello\nretry: 1\nfoo: bar\n\nevent: a\n\ndata: b\n\ndata: c\n")).toEqual([
    { event: "message", data: "b", id: undefined },
  ]);
});

test("ends lines with LF, CR LF or CR, however the bytes are cut", async () => {
  const whole = "id: 7\r\nevent: ä€𝄞\rdata: one\ndata: two\r\n\r\ndata: three\r\rdata: 4\n\n";
  const expected = await read(whole);
  expect(expected).toHaveLength(3);
  const bytes = Buffer.from(whole);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 })), async (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const parts = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
      expect(await read(...parts)).toEqual(expected);
    }),
  );
});

test("a byte order mark at the start does not count", async () => {
  expect(await read("\uFEFFdata: x\n\n")).toEqual([{ event: "message", data: "x", id: undefined }]);
});

test("an event or a line that does not end is given up, so that memory stays bounded", async () => {
  await expect(read("x".repeat(101))).rejects.toThrow(EventStreamError);
  await expect(read(...Array.from({ length: 101 }, () => "x"))).rejects.toThrow(EventStreamError);
  await expect(read(...Array.from({ length: 60 }, () => "data: x\n"))).rejects.toThrow(EventStreamError);
  await expect(read(...Array.from({ length: 60 }, () => "data: x\n\n"))).resolves.toHaveLength(60);
});

test("bytes that are not UTF-8 are refused", async () => {
  await expect(read(Buffer.from("data: \xff\n\n", "latin1"))).rejects.toThrow(EventStreamError);
});
