// What the URL of the database says, and how the way to PostgreSQL is protected: as the URL says,
// and where it says nothing, with TLS unless it stays on this machine.

import { isIPv4 } from "node:net";

export interface PostgresUrl {
  /**
   * The URL without what it says about TLS, so that the driver does not read that in its own way.
   */
  readonly connectionString: string;
  readonly protection: Protection;
  /** Paths of PEM files. */
  readonly files: Partial<Record<"ca" | "cert" | "key", string>>;
}

/**
 * `verify_ca` checks who vouches for the server, `verify_full` its name as well; `unverified` stops
 * only who merely listens.
 */
export type Protection = "none" | "unverified" | "verify_ca" | "verify_full";

/**
 * libpq's names, and the driver's `no-verify`. `require` says that encryption is wanted; where
 * libpq would then take any certificate, we verify. `allow` and `prefer` would fall back to plain
 * text whenever somebody on the way says so.
 */
const protections: ReadonlyMap<string, Protection> = new Map([
  ["disable", "none"],
  ["no-verify", "unverified"],
  ["require", "verify_full"],
  ["verify-ca", "verify_ca"],
  ["verify-full", "verify_full"],
]);

const fileParameters = { sslrootcert: "ca", sslcert: "cert", sslkey: "key" } as const;

/**
 * What follows the option's name in a sentence that says what is wrong; holds nothing of the URL.
 */
export function problemOfDatabaseUrl(url: string): string | undefined {
  if (!/^(sqlite:.|postgres(ql)?:\/\/)/.test(url))
    return 'must be "sqlite:PATH", for example "sqlite:data/countersign.db", or "postgres://…"';
  try {
    if (!url.startsWith("sqlite:")) readPostgresUrl(url);
    return undefined;
  } catch (error) {
    if (error instanceof TypeError) return `cannot be used: ${error.message}`;
    throw error;
  }
}

/**
 * Reads what a `postgres://` URL says about TLS. Its host alone decides where it says nothing:
 * `verify_full`, or `none` for a loopback address and a Unix socket.
 *
 * @throws TypeError that names what is wrong and nothing secret
 */
export function readPostgresUrl(url: string): PostgresUrl {
  if (hasStraySecret(url))
    throw new TypeError("In the user and password of the database URL / ? # must be written %2F %3F %23");
  const queryAt = url.indexOf("?");
  const base = queryAt === -1 ? url : url.slice(0, queryAt);
  const parameters = new URLSearchParams(queryAt === -1 ? "" : url.slice(queryAt));
  const files: { ca?: string; cert?: string; key?: string } = {};
  for (const [name, key] of Object.entries(fileParameters)) {
    const path = parameters.get(name);
    // libpq's word for the authorities that the system trusts.
    if (path !== null && !(name === "sslrootcert" && path === "system")) files[key] = path;
  }
  const mode = parameters.getAll("sslmode");
  if (mode.length > 1) throw new TypeError("The database URL has more than one sslmode");
  const protection = mode[0] === undefined ? undefined : protections.get(mode[0]);
  if (mode[0] !== undefined && protection === undefined) {
    const known = [...protections.keys()].join(", ");
    throw new TypeError(`The sslmode of the database URL must be one of ${known}`);
  }
  if (protection === "verify_ca" && files.ca === undefined) {
    throw new TypeError("sslmode=verify-ca needs sslrootcert: of the public authorities any would do");
  }
  for (const name of new Set(parameters.keys())) {
    if (/^(?:ssl|uselibpqcompat)/i.test(name) && name !== "sslmode" && !Object.hasOwn(fileParameters, name))
      throw new TypeError(
        "The database URL may say of TLS no more than sslmode, sslrootcert, sslcert and sslkey",
      );
  }
  const isLocal = Object.keys(files).length === 0 && isLocalHost(hostOf(base, parameters));
  for (const name of ["sslmode", ...Object.keys(fileParameters)]) parameters.delete(name);
  return {
    connectionString: parameters.size === 0 ? base : `${base}?${parameters.toString()}`,
    protection: protection ?? (isLocal ? "none" : "verify_full"),
    files,
  };
}

/**
 * Whether the password ends the authority before its "@": what is left of it would be taken for a port or a database,
 * which messages name.
 */
function hasStraySecret(url: string): boolean {
  const [, authority = "", rest = ""] = /^\w+:\/\/([^/?#]*)(.*)$/s.exec(url) ?? [];
  if (authority.includes("@")) return false;
  // In the value of a parameter it is nothing unusual.
  return /^(?:\/[^?]*|[?][^=]*|[^?]*#.+)@/.test(rest);
}

/**
 * Of several the last one counts, and one in the parameters before the one in the authority, as for
 * the driver.
 */
function hostOf(base: string, parameters: URLSearchParams): string {
  const inParameters = parameters.getAll("host").at(-1);
  if (inParameters !== undefined && inParameters !== "") return inParameters;
  // `postgres://user:password@/database` is a URL to libpq alone.
  const text = URL.canParse(base) ? base : base.replace("@/", "@no-host/");
  const { hostname } = URL.parse(text) ?? {};
  // Only a path has anything to be decoded.
  const host = hostname?.replace(/^%2f/i, "/").replace(/^\[(.+)\]$/, "$1");
  if (host === undefined) throw new TypeError("The database URL cannot be read");
  return host;
}

/** No host is none that we know: the driver asks the environment for it. */
function isLocalHost(host: string): boolean {
  return (
    host.startsWith("/") ||
    host === "localhost" ||
    host === "::1" ||
    (isIPv4(host) && host.startsWith("127."))
  );
}
