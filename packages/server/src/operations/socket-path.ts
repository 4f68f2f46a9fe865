// Where the server that has an SQLite file open listens for commands.
import { resolve } from "node:path";

/** Linux takes 107 bytes, macOS 103. */
const maxSocketPathBytes = 100;

export type SocketPlace =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "too_long"; readonly path: string; readonly sentence: string };

/**
 * Beside the database file and named after it, as the lock of that file decides whose socket it is. Undefined where there is
 * no file: PostgreSQL takes commands beside the server, and memory none.
 */
export function socketPlaceOf(databaseUrl: string): SocketPlace | undefined {
  const file = databaseFileOf(databaseUrl);
  if (file === undefined) return undefined;
  const path = `${file}.sock`;
  if (Buffer.byteLength(path) <= maxSocketPathBytes) return { kind: "socket", path };
  const sentence =
    `the path of the socket for commands, ${path}, is longer than ${maxSocketPathBytes} bytes: ` +
    "choose a shorter data folder (--data-dir, COUNTERSIGN_DATA_DIR), or stop the server for commands";
  return { kind: "too_long", path, sentence };
}

/** The file that an SQLite URL names, from the root; undefined for other databases. */
export function databaseFileOf(databaseUrl: string): string | undefined {
  if (!databaseUrl.startsWith("sqlite:")) return undefined;
  const path = databaseUrl.slice("sqlite:".length);
  return path === ":memory:" ? undefined : resolve(path);
}
