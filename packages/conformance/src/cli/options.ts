// The command line of countersign-conformance.
import { parseArgs } from "node:util";

export const USAGE = `Usage: countersign-conformance --url URL --token TOKEN [options]

Attacks the verification of JSON Web Tokens at one URL of your own, and reports what gets in.

  --url URL           an address that answers 2xx with the token and refuses without it
  --token TOKEN       one valid token for it
  --jwks URL          the issuer's key set: adds the attacks that need the public keys
  --secret-file FILE  the HMAC secret (the file's bytes): adds the attacks that only its holder could sign
  --rate N            requests a second at most (default 20)
  --json              one JSON object per case instead of the table
  --junit FILE        also write JUnit XML
  --yes               confirm that a target which is not on this machine is yours
  -h, --help; --version

Exit code: 0 nothing got in, 1 something got in, 2 no verdict: wrong usage, or a target that cannot be judged.
`;

const OPTIONS = {
  url: { type: "string" },
  token: { type: "string" },
  jwks: { type: "string" },
  "secret-file": { type: "string" },
  rate: { type: "string" },
  json: { type: "boolean" },
  junit: { type: "string" },
  yes: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

export interface CliOptions {
  readonly url: URL;
  readonly token: string;
  readonly jwks: URL | undefined;
  readonly secretFile: string | undefined;
  readonly requestsPerSecond: number;
  readonly json: boolean;
  readonly junitFile: string | undefined;
}

/** A command line that cannot be followed; the message is a sentence for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws UsageError */
export function readOptions(argv: readonly string[]): CliOptions | "help" | "version" {
  const values = parse(argv);
  if (values.help === true) return "help";
  if (values.version === true) return "version";
  if (values.url === undefined) throw new UsageError("--url is missing.");
  if (values.token === undefined || values.token === "") throw new UsageError("--token is missing.");
  const url = httpUrl("--url", values.url);
  if (values.yes !== true && !isLoopback(url)) {
    throw new UsageError(
      `${url.host} is not on this machine. Attack nothing that is not yours; add --yes if it is.`,
    );
  }
  const requestsPerSecond = Number(values.rate ?? "20");
  if (!(requestsPerSecond > 0 && requestsPerSecond <= 1000)) {
    throw new UsageError("--rate is a number of requests a second, at most 1000.");
  }
  return {
    url,
    token: values.token,
    jwks: values.jwks === undefined ? undefined : httpUrl("--jwks", values.jwks),
    secretFile: values["secret-file"],
    requestsPerSecond,
    json: values.json === true,
    junitFile: values.junit,
  };
}

function parse(argv: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"] {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new UsageError(sentenceFor(error instanceof Error ? error.message : ""));
  }
}

/** Node's message may repeat a misplaced value, which could be the token: only an option's name goes on. */
function sentenceFor(message: string): string {
  const unknown = /^Unknown option '(--?[\w-]{1,30})/.exec(message)?.[1];
  if (unknown !== undefined) return `${unknown} is not an option.`;
  const named = /^Option '(?:-\w, )?--([\w-]+)/.exec(message)?.[1];
  if (named === undefined || !(named in OPTIONS)) return "An argument belongs to no option.";
  const { type } = OPTIONS[named as keyof typeof OPTIONS];
  return `--${named} takes ${type === "string" ? "a value, and there is none" : "no value"}.`;
}

function httpUrl(option: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new UsageError(`${option} takes an http or https URL.`);
  }
  // They would go along as a credential with every request, those without a token too.
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(`${option} takes a URL without a user name or password.`);
  }
  return url;
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
