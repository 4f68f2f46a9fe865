// What a JSON Schema says in words: its members with their types and rules, for whoever reads and not for programs.
import type { JsonSchema } from "./document.ts";

export interface Member {
  /** Members of members have the path to them: `sessions[].id`. */
  readonly path: string;
  readonly type: string;
  readonly rules: string;
}

/** What a caller needs, by the names of the security schemes. */
export const schemeNames: Readonly<Record<string, string>> = {
  bearer: "a bearer token",
  cookie: "a session cookie",
  clientBasic: "the id and secret of a client (HTTP Basic)",
  followerBasic: "the name and secret of a follower (HTTP Basic)",
};

export function membersOf(schema: JsonSchema, prefix: string = ""): readonly Member[] {
  const choices = schemasIn(schema["anyOf"]);
  if (choices.length > 0) return onePerPath(choices.flatMap((choice) => membersOf(choice, prefix)));
  const [items] = schemasIn(schema["items"]);
  if (items !== undefined) return membersOf(items, prefix);
  const required = new Set<unknown>([schema["required"] ?? []].flat());
  const properties = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>);
  return properties.flatMap(([name, member]) => {
    const isList = member["type"] === "array";
    const path = `${prefix}${name}${isList ? "[]" : ""}`;
    const rules = [...(required.has(name) ? [] : ["optional"]), ...limitsOf(member)].join(", ");
    const inner = member["properties"] !== undefined || isList ? membersOf(member, `${path}.`) : [];
    return [{ path, type: typeOf(member), rules }, ...inner];
  });
}

/** A member that several choices have stands once, with all of its types. */
function onePerPath(members: readonly Member[]): readonly Member[] {
  const found = new Map<string, Member>();
  for (const member of members) {
    const known = found.get(member.path);
    const types = known === undefined ? member.type : `${known.type} or ${member.type}`;
    found.set(member.path, { ...member, type: known?.type === member.type ? member.type : types });
  }
  return [...found.values()];
}

export function typeOf(schema: JsonSchema): string {
  if (schema["const"] !== undefined) return JSON.stringify(schema["const"]);
  if (Array.isArray(schema["enum"])) return schema["enum"].map((one) => JSON.stringify(one)).join(" or ");
  const choices = schemasIn(schema["anyOf"]);
  if (choices.length > 0) return [...new Set(choices.map(typeOf))].join(" or ");
  const { type } = schema;
  const [items] = schemasIn(schema["items"]);
  if (type === "array") return `list of ${items === undefined ? "anything" : `${typeOf(items)}s`}`;
  return typeof type === "string" ? type : "any";
}

export function limitsOf(schema: JsonSchema): readonly string[] {
  const { minLength, maxLength } = schema;
  return [
    ...(typeof minLength === "number" && minLength > 1 ? [`at least ${minLength} characters`] : []),
    ...(typeof maxLength === "number" ? [`at most ${maxLength.toLocaleString("en-US")} characters`] : []),
  ];
}

function schemasIn(value: unknown): readonly JsonSchema[] {
  const all: readonly unknown[] = [value ?? []].flat();
  return all as readonly JsonSchema[];
}
