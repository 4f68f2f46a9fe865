// JSON bodies (RFC 8259), read strictly: UTF-8 alone, no member twice, no member that stands for a prototype.
import type { FastifyRequest } from "fastify";
import { ServiceError } from "../errors.ts";
import { textOf } from "./body-text.ts";
import { quotedName } from "./quoted-name.ts";

/** Members through which careless code reaches every object. */
const prototypeNames: ReadonlySet<string> = new Set(["__proto__", "prototype"]);

/** A content type parser. An empty body is no body: whether the route needs one, its schema says. */
export async function parseJson(request: FastifyRequest, bytes: Buffer): Promise<unknown> {
  if (bytes.length === 0) return undefined;
  const text = textOf(request, bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ServiceError("invalid_request", { detail: jsonMistake(error) });
  }
  const repeated = findRepeatedMember(text);
  if (repeated !== undefined)
    throw new ServiceError("invalid_request", {
      detail: `The member ${quotedName(repeated)} stands there twice.`,
    });
  refusePrototypes(value);
  return value;
}

/** What V8 says of the place, never of the text: the text may be a password. */
function jsonMistake(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  if (/^(Unexpected end|Unterminated)/.test(message)) return "The body is not JSON: it ends too early.";
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  return position === undefined
    ? "The body is not JSON."
    : `The body is not JSON: character ${Number(position) + 1} does not belong there.`;
}

/**
 * The first member name that occurs twice in one object of `text`, which is known to be JSON. `JSON.parse` would keep
 * the last one, and another reader of the same bytes the first.
 */
export function findRepeatedMember(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
    const names = open.at(-1);
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : undefined);
      isName = token === "{";
    } else if (token === "}" || token === "]") {
      open.pop();
      isName = false;
    } else if (token === ",") isName = names !== undefined;
    else if (isName && names !== undefined) {
      const name = JSON.parse(token) as string;
      if (names.has(name)) return name;
      names.add(name);
      isName = false;
    }
  }
  return undefined;
}

function refusePrototypes(value: unknown): void {
  const rest = [value];
  for (let item = rest.pop(); item !== undefined; item = rest.pop()) {
    if (typeof item !== "object" || item === null) continue;
    for (const [name, member] of Object.entries(item)) {
      if (prototypeNames.has(name))
        throw new ServiceError("invalid_request", {
          detail: `The member ${quotedName(name)} is not taken here.`,
        });
      rest.push(member);
    }
  }
}
