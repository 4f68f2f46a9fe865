// What the URL of the database says, and how the way to PostgreSQL is protected: as the URL says,
// and where it says nothing, with TLS unless it stays on this machine.

import { isIPv4 } from "node:net";

export interface PostgresUrl {
  /**
   * A URL for each host that it names, in their order, without what it says about TLS, so that the
   * driver does not read that in its own way.
   */
  readonly connectionStrings: readonly string[];
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
 * libpq's words for a primary. For `any` we look for one as well: a standby takes nothing from us.
 */
const primaries = ["read-write", "primary", "any"];

/**
 * Reads a `postgres://` URL of one host or, as libpq writes them, of several:
 * `postgres://user:password@h1:5432,h2:5432/name` or `?host=h1,h2&port=5432,5432`. Where it says
 * nothing about TLS, its hosts alone decide: `verify_full`, or `none` if all are loopback addresses
 * and Unix sockets.
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
  const wanted = parameters.get("target_session_attrs");
  if (wanted !== null && !primaries.includes(wanted)) {
    throw new TypeError(
      `The target_session_attrs of the database URL must be ${primaries.join(", ")}: what is no primary takes no writes`,
    );
  }
  for (const name of ["sslmode", "target_session_attrs", ...Object.keys(fileParameters)])
    parameters.delete(name);
  const places = placesOf(base, parameters);
  // Each is read, so that a mistake in any of them is told.
  const isLocal = places.map(hostOf).every(isLocalHost) && Object.keys(files).length === 0;
  return {
    connectionStrings: places.map(({ base: one, parameters: its }) =>
      its.size === 0 ? one : `${one}?${its.toString()}`,
    ),
    protection: protection ?? (isLocal ? "none" : "verify_full"),
    files,
  };
}

/** The way to one host. */
interface Place {
  readonly base: string;
  readonly parameters: URLSearchParams;
}

/** @throws TypeError where the lists of hosts and ports do not fit each other */
function placesOf(base: string, parameters: URLSearchParams): readonly Place[] {
  const hosts = listed(parameters, "host");
  const ports = listed(parameters, "port");
  if (hosts !== undefined || ports !== undefined) {
    const count = hosts?.length ?? ports?.length ?? 0;
    if (ports !== undefined && ports.length !== count && ports.length !== 1)
      throw new TypeError("The database URL must have one port for all of its hosts, or one for each");
    return Array.from({ length: count }, (_, index) => {
      const its = new URLSearchParams(parameters);
      if (hosts !== undefined) its.set("host", hosts[index] ?? "");
      if (ports !== undefined) its.set("port", ports[index] ?? ports[0] ?? "");
      return { base, parameters: its };
    });
  }
  const [, before = "", authority = "", after = ""] = /^(\w+:\/\/(?:[^/]*@)?)([^/]*)(.*)$/s.exec(base) ?? [];
  const names = authority.split(",");
  if (names.length > 1 && names.includes("")) throw new TypeError("The database URL names an empty host");
  return names.map((name) => ({ base: before + name + after, parameters }));
}

/** Of several parameters of a name the last one counts, as for the driver; undefined for none. */
function listed(parameters: URLSearchParams, name: string): readonly string[] | undefined {
  const value = parameters.getAll(name).at(-1);
  return value === undefined || value === "" ? undefined : value.split(",");
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

/** A host in the parameters counts before the one in the authority, as for the driver. */
function hostOf({ base, parameters }: Place): string {
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
