// JSON that an app makes or a client sends for it: judged before it is signed or stored.

export interface JsonLimits {
  /** As UTF-8, written without spaces. */
  readonly maxBytes: number;
  /** Objects and arrays within each other, the outermost counted. */
  readonly maxDepth: number;
}

/**
 * What is wrong with a value that has to be a JSON object, as the end of a sentence that repeats nothing of it; undefined
 * if it may be signed and stored. It must read back as it is: a Date, NaN, an instance of a class or a member that is
 * undefined would become something else.
 */
export function jsonFault(value: unknown, { maxBytes, maxDepth }: JsonLimits): string | undefined {
  if (!isPlainObject(value)) return "must be a JSON object";
  const fault = faultOf(value, maxDepth);
  if (fault !== undefined)
    return fault === "too deep" ? `must not nest deeper than ${maxDepth} levels` : fault;
  return Buffer.byteLength(JSON.stringify(value)) > maxBytes
    ? `must not be larger than ${maxBytes.toLocaleString("en-US")} bytes`
    : undefined;
}

function faultOf(value: unknown, levels: number): string | undefined {
  if (typeof value === "string") return textFault(value);
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return undefined;
  if (!Array.isArray(value) && !isPlainObject(value)) return "must hold nothing but JSON";
  if (levels === 0) return "too deep";
  if (Array.isArray(value)) {
    // Not `some`, which skips what is missing.
    for (const member of value as readonly unknown[]) {
      const fault = faultOf(member, levels - 1);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  for (const [name, member] of Object.entries(value)) {
    if (name === "__proto__") return "must have no member __proto__";
    const fault = textFault(name) ?? faultOf(member, levels - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** PostgreSQL keeps no U+0000, and UTF-8 no half of a surrogate pair. */
function textFault(text: string): string | undefined {
  return text.includes("\0") || !text.isWellFormed()
    ? "must not contain U+0000 or half of a surrogate pair"
    : undefined;
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
