// Why a program of ours did not start: one sentence that says what is wrong and what to do.
import { ConfigError } from "./errors.ts";
import { StoreError } from "./database/errors.ts";
import { KeyError } from "./keys/error.ts";

export interface StartOptions {
  /** What it was told to use; of it the host and the port are said, never a password. */
  readonly databaseUrl?: string | undefined;
  /** What whoever starts the program sets the port with. */
  readonly portIsSetBy: string;
}

/** For whoever reads a terminal: never a stack, and no secret. */
export function explainStart(error: unknown, { databaseUrl, portIsSetBy }: StartOptions): string {
  if (error instanceof ConfigError)
    return error.problems.length === 1 ? error.problems.join("") : error.message;
  if (error instanceof StoreError) return explainStore(error, databaseUrl);
  if (error instanceof KeyError) return withReason(error);
  const { code, address, port, path, severity } = (error ?? {}) as SystemError;
  // What the database itself says, such as that it has no such user.
  if (severity === "FATAL") return explainDatabase(error, databaseUrl) ?? reasonOf(error);
  if (code === "EADDRINUSE")
    return `Port ${port} at ${address} is taken, perhaps by this program started before. Stop that one, or choose another port with ${portIsSetBy}.`;
  if (code === "EADDRNOTAVAIL")
    return `This machine has no address ${address} to listen on. Choose one that it has, or 0.0.0.0 for all.`;
  if (code === "EACCES" && port !== undefined)
    return `Port ${port} is for the system's own services. Choose one above 1023 with ${portIsSetBy}.`;
  if (path !== undefined && code !== undefined) return folderProblem(path, code);
  return error instanceof Error ? error.message : String(error);
}

interface SystemError {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly path?: string;
  /** Of PostgreSQL's own errors. */
  readonly severity?: string;
}

function explainStore(error: StoreError, databaseUrl: string | undefined): string {
  const { cause } = error;
  const { code, path } = (cause ?? {}) as SystemError;
  if (path !== undefined && code !== undefined) return folderProblem(path, code);
  return cause === undefined ? error.message : (explainDatabase(cause, databaseUrl) ?? withReason(error));
}

function explainDatabase(cause: unknown, databaseUrl: string | undefined): string | undefined {
  const target = databaseUrl?.startsWith("postgres") === true ? URL.parse(databaseUrl) : null;
  if (target === null) return undefined;
  const where = `${target.hostname || "localhost"}:${target.port || 5432}`;
  return `The PostgreSQL at ${where} cannot be used: ${reasonOf(cause)}. Check that it runs, and the URL's host, port, user and database.`;
}

function folderProblem(path: string, code: string): string {
  const reasons: Readonly<Record<string, string>> = {
    EACCES: "this user may not write there",
    EPERM: "this user may not write there",
    EROFS: "its file system is read-only",
    ENOSPC: "its disk is full",
    EEXIST: "it is no folder",
    ENOTDIR: "a part of its path is a file",
    ENOENT: "there is no such folder, and it cannot be made",
  };
  return `${path} cannot be written: ${reasons[code] ?? code}. Make it writable, or name another folder with COUNTERSIGN_DATA_DIR (--data-dir).`;
}

function withReason(error: Error): string {
  const { message, cause } = error;
  if (cause === undefined || message.includes(reasonOf(cause))) return message;
  return `${message} The reason: ${reasonOf(cause)}.`;
}

/** A look-up that leads to several addresses fails with one error for each, and no message of its own. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, "");
}
