// The error codes of the server as Markdown: what a client can be told, and what an operator can.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Refusal, refusals } from "../../packages/server/src/errors.ts";

const sources = join(import.meta.dirname, "../../packages/server/src");

export function errorsPage(): string {
  return `# Errors

<!-- Generated from packages/server/src/errors.ts and the errors beside it: npm run generate -->

A refused request gets \`application/problem+json\` (RFC 9457). Its \`code\` is stable: switch on that, not on the words.
\`type\` is the address of a page of the server that says what to do, \`detail\` says which part of the request is at
fault, and \`request_id\` finds the request in the server's log. \`Retry-After\` stands on every 429 and 503.

\`POST /token\`, \`/revoke\` and \`/introspect\` answer in the form of RFC 6749 §5.2 instead: \`error\` and
\`error_description\`. What a guard says of a token is in the [verifier's README](../../packages/verifier/README.md).

${Object.entries(refusals).map(section).join("\n")}
## When the server does not start

\`KeyError\`: the master key or a signing key cannot be used.

${codesOf("keys/error.ts")}

\`StoreError\`: the database cannot be used.

${codesOf("database/errors.ts")}

\`ConfigError\`: settings cannot work; its \`problems\` name each of them, and what to do.
`;
}

function section([code, { status, title, advice }]: readonly [string, Refusal]): string {
  return `### \`${code}\`\n\n${status}. ${title}.\n\n${advice}\n`;
}

/** The list in the docstring of the codes: "- `code`: what it means". */
function codesOf(file: string): string {
  const text = readFileSync(join(sources, file), "utf8").replaceAll(/\n \*   +/g, " ");
  const items = [...text.matchAll(/^ \* (- `\w+`: .*)$/gm)].map(([, item = ""]) => item);
  if (items.length === 0) throw new TypeError(`${file} has no docstring that lists its codes`);
  return items.join("\n");
}
