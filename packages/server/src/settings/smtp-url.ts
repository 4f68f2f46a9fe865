// What the URL of the mail server says, and how the way to it is protected: with TLS, unless it stays on this machine.

import { isLoopback } from "./loopback.ts";

export interface SmtpUrl {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** `starttls` goes no further without it. */
  readonly protection: "tls" | "starttls" | "none";
}

/** RFC 6409 §3.1 and RFC 8314 §3.3. */
const ports = { "smtp:": 587, "smtps:": 465 } as const;

/** What follows the option's name in a sentence that says what is wrong; holds nothing of the URL. */
export function problemOfSmtpUrl(text: string): string | undefined {
  return readSmtpUrl(text) === undefined
    ? 'must be "smtps://USER:PASSWORD@HOST", or "smtp://…" for STARTTLS, without path and query; in user and ' +
        "password @ / ? # : % are written %40 %2F %3F %23 %3A %25"
    : undefined;
}

/** Undefined where it cannot be read, or says more than that. */
export function readSmtpUrl(text: string): SmtpUrl | undefined {
  const [, scheme = ""] = /^(smtps?:)\/\/[^/?#\s]+\/?$/.exec(text) ?? [];
  if (scheme !== "smtp:" && scheme !== "smtps:") return undefined;
  // Only of http does the URL parser judge the host, and know what a port may be.
  const asHttp = `http${text.slice(scheme.length - 1)}`;
  const url = URL.parse(asHttp);
  if (url === null || url.hostname === "" || url.port === "0") return undefined;
  const user = decoded(url.username);
  const password = decoded(url.password);
  if (user === undefined || password === undefined || (user === "" && password !== "")) return undefined;
  const host = url.hostname.replace(/^\[(.+)\]$/, "$1");
  const isLocal = isLoopback(asHttp);
  // 80 is the port that http leaves out.
  const writtenPort = url.port === "" && /:80\/?$/.test(text) ? "80" : url.port;
  return {
    host,
    port: writtenPort === "" ? ports[scheme] : Number(writtenPort),
    user: user === "" ? undefined : user,
    password: user === "" ? undefined : password,
    protection: scheme === "smtps:" ? "tls" : isLocal ? "none" : "starttls",
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
