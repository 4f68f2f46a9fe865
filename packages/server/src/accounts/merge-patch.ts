// JSON Merge Patch (RFC 7396).
import { isPlainObject } from "../settings/plain-json.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** What becomes of `target`: members of the patch replace its own, and null takes one away (RFC 7396 §2). */
export function mergePatch(target: unknown, patch: JsonObject): JsonObject {
  const result = new Map(isPlainObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, isPlainObject(value) ? mergePatch(result.get(name), value) : value);
  }
  return Object.fromEntries(result);
}
