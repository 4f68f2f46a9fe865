// A file of accounts, read in batches: JSON lines or CSV, a bounded part of it at a time.
import { parse as parseCsv } from "csv-parse";
import { createReadStream, statSync } from "node:fs";
import type { ImportLine, ImportProblem } from "../accounts/account-import.ts";
import { ConfigError } from "../errors.ts";

export const accountFormats = ["jsonl", "csv"] as const;

export type AccountFormat = (typeof accountFormats)[number];

export interface AccountFile {
  /** In the order of the file. Lines that are broken are told to `onProblem`. */
  batches(onProblem: (problem: ImportProblem) => void): AsyncGenerator<readonly ImportLine[], void>;
  readonly bytes: number;
  /** How many bytes of it the last batch has come to. */
  bytesRead(): number;
}

const maxLineBytes = 64 * 1024;
const tooLong = "it is longer than 64 KiB";
const maxBatchLines = 250;
/** With one more line and what stands around each, it is less than a line to the server may have. */
const maxBatchBytes = 128 * 1024;

/** @throws ConfigError if it cannot be read */
export function openAccountFile(path: string, format: AccountFormat): AccountFile {
  let bytes: number;
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new TypeError("it is no file, and it is read twice");
    bytes = found.size;
  } catch (cause) {
    throw new ConfigError([`${path} cannot be read: ${(cause as Error).message}`]);
  }
  let bytesRead = 0;
  return {
    bytes,
    bytesRead: () => bytesRead,
    async *batches(onProblem) {
      const stream = createReadStream(path);
      const lines = format === "csv" ? readCsv(stream, onProblem) : readJsonLines(stream, onProblem);
      let batch: ImportLine[] = [];
      let batchBytes = 0;
      try {
        for await (const line of lines) {
          const lineBytes = Buffer.byteLength(JSON.stringify(line.row));
          // Short as CSV, it may be long as JSON.
          if (lineBytes > maxLineBytes) {
            onProblem({ line: line.line, problem: tooLong });
            continue;
          }
          batch.push(line);
          batchBytes += lineBytes;
          if (batch.length < maxBatchLines && batchBytes < maxBatchBytes) continue;
          ({ bytesRead } = stream);
          yield batch;
          batch = [];
          batchBytes = 0;
        }
        ({ bytesRead } = stream);
        if (batch.length > 0) yield batch;
      } finally {
        stream.destroy();
      }
    },
  };
}

type Chunks = AsyncIterable<Buffer>;

async function* readJsonLines(
  stream: Chunks,
  onProblem: (problem: ImportProblem) => void,
): AsyncGenerator<ImportLine, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let number = 0;
  for await (const line of splitLines(stream)) {
    number += 1;
    if (line === undefined) onProblem({ line: number, problem: tooLong });
    else if (line.length > 0 && !(line.length === 1 && line[0] === 13)) {
      try {
        yield { line: number, row: JSON.parse(decoder.decode(line)) };
      } catch {
        onProblem({ line: number, problem: "it is no JSON in UTF-8" });
      }
    }
  }
}

/** Undefined for a line that is too long to be kept. */
async function* splitLines(stream: Chunks): AsyncGenerator<Buffer | undefined, void> {
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = (): Buffer | undefined => {
    const line = bytes > maxLineBytes ? undefined : Buffer.concat(parts);
    parts = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      bytes += end - start;
      if (bytes <= maxLineBytes) parts.push(chunk.subarray(start, end));
      start = end + 1;
      yield take();
    }
    bytes += chunk.length - start;
    if (bytes <= maxLineBytes) parts.push(chunk.subarray(start));
    else parts = [];
  }
  if (bytes > 0) yield take();
}

async function* readCsv(
  stream: NodeJS.ReadableStream,
  onProblem: (problem: ImportProblem) => void,
): AsyncGenerator<ImportLine, void> {
  const parser = stream.pipe(
    parseCsv({
      bom: true,
      columns: true,
      info: true,
      max_record_size: maxLineBytes,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error) => {
        onProblem({
          line: Number(error?.["lines"] ?? 0),
          problem: "it is no record of CSV like the first line",
        });
        return undefined;
      },
    }),
  );
  for await (const { record, info } of parser as AsyncIterable<{
    record: Readonly<Record<string, string>>;
    info: { lines: number };
  }>) {
    yield { line: info.lines, row: rowOfRecord(record) };
  }
}

const words: Readonly<Record<string, boolean>> = { true: true, false: false };

/** An empty cell is none; roles stand with spaces between them. */
function rowOfRecord(record: Readonly<Record<string, string>>): Record<string, unknown> {
  const cells = Object.entries(record).filter(([, cell]) => cell !== "");
  return Object.fromEntries(cells.map(([name, cell]) => [name, valueOfCell(name, cell)]));
}

function valueOfCell(name: string, cell: string): unknown {
  if (name === "roles") return cell.split(/[ ;]+/).filter(Boolean);
  return name === "email_verified" ? (words[cell.toLowerCase()] ?? cell) : cell;
}

/** One account as a line of the file, with its line end. */
export function lineOfAccount(
  account: Readonly<Record<string, unknown>>,
  format: AccountFormat,
  columns: readonly string[],
): string {
  if (format === "jsonl") return `${JSON.stringify(account)}\n`;
  return csvLine(columns.map((name) => textOfCell(account[name])));
}

export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\n`;
}

function textOfCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
