// The same request for a terminal: as it is shown, and as it is copied.
import { apiBase } from "../shell/base.ts";
import type { Sent } from "./exchange.ts";

const secretNames: ReadonlySet<string> = new Set(["password", "current_password", "new_password"]);
const shortenedLength = 8;

/** Whether there is something in it that is dotted until it is shown. */
export function holdsSecret({ json }: Sent): boolean {
  return Object.keys(json ?? {}).some((name) => secretNames.has(name));
}

/** Short and readable: `--json`, tokens cut off, passwords dotted unless `withSecrets`. */
export function shownCurl(sent: Sent, withSecrets: boolean): string {
  const { json, form, token, cookie } = sent;
  const lines = [`curl ${verb(sent)}${address(sent)}`];
  if (token !== undefined) lines.push(` -H 'authorization: Bearer ${shortened(token)}'`);
  if (cookie === "sent") lines.push(" -b '__Host-session=••••••••'");
  if (cookie === "set") lines.push(" -c cookies.txt");
  if (json !== undefined) {
    const members = Object.entries(json).map(([name, value]) => {
      const shown = secretNames.has(name) && !withSecrets ? "••••••••" : value;
      return `   ${JSON.stringify(name)}: ${JSON.stringify(shown)}`;
    });
    lines.push(` --json '{\n${members.join(",\n")} }'`);
  }
  for (const [name, value] of Object.entries(form ?? {})) lines.push(` -d ${name}=${shortened(value)}`);
  return lines.join(" \\\n");
}

/** Complete, and for every curl: `--json` wants a new one. */
export function copiedCurl(sent: Sent): string {
  const { json, form, token, cookie } = sent;
  const words = [`curl -i ${verb(sent)}${quoted(new URL(sent.path, apiBase).href)}`];
  if (token !== undefined) words.push(`-H ${quoted(`authorization: Bearer ${token}`)}`);
  if (cookie !== undefined)
    words.push("-b cookies.txt -c cookies.txt", `-H ${quoted(`origin: ${apiBase.origin}`)}`);
  if (json !== undefined)
    words.push(`-H 'content-type: application/json' -d ${quoted(JSON.stringify(json))}`);
  for (const [name, value] of Object.entries(form ?? {})) words.push(`-d ${quoted(`${name}=${value}`)}`);
  return words.join(" ");
}

function verb({ method, json, form }: Sent): string {
  const isImplied = method === (json === undefined && form === undefined ? "GET" : "POST");
  return isImplied ? "" : `-X ${method} `;
}

function address({ path }: Sent): string {
  const { href } = new URL(path, apiBase);
  return href.replace(/^http:\/\//, "");
}

function shortened(text: string): string {
  return text.length > 2 * shortenedLength ? `${text.slice(0, shortenedLength)}…` : text;
}

/** In single quotes a shell reads nothing but their end. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** An answer's body, its long texts cut off. */
export function shownBody(body: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(body).map(
    ([name, value]) => `${JSON.stringify(name)}: ${shownValue(value)}`,
  );
  return `{ ${members.join(",\n  ")} }`;
}

function shownValue(value: unknown): string {
  if (typeof value === "string" && value.length > 60 && !value.includes(" ")) return `"${shortened(value)}"`;
  if (Array.isArray(value))
    return value.length > 2 ? `[ … ${value.length} ]` : `[${value.map(shownValue).join(", ")}]`;
  if (typeof value === "object" && value !== null) return "{ … }";
  return JSON.stringify(value);
}
