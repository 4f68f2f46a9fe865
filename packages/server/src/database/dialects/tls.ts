// TLS on the way to PostgreSQL, as the driver wants it told.
import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type { PostgresUrl } from "../../settings/database-url.ts";

/** @throws a system error if a file cannot be read */
export function tlsOf({ protection, files }: PostgresUrl): false | ConnectionOptions {
  if (protection === "none") return false;
  const contents = Object.fromEntries(
    Object.entries(files).map(([name, path]) => [name, readFileSync(path, "utf8")]),
  );
  return {
    ...contents,
    // Said here, so that no environment variable says otherwise.
    rejectUnauthorized: protection !== "unverified",
    ...(protection === "verify_ca" && { checkServerIdentity: () => undefined }),
  };
}
