// What prepared statements are called: by what they say, so that one name means one text
// everywhere.

import { createHash } from "node:crypto";

/**
 * All texts that we have ourselves; an app's own beyond them are sent without a name, so memory is
 * bounded.
 */
const mostNames = 512;

/**
 * Names for the texts that are worth a plan of their own.
 *
 * Behind a pooler, processes share the server's connections, and with them the names of prepared
 * statements. A name made of the whole SHA-256 of the text can never run another text; the 46
 * bytes stay below the 63 to which PostgreSQL truncates names.
 */
export function createStatementNames(): (text: string) => string | undefined {
  const names = new Map<string, string>();
  return (text) => {
    let name = names.get(text);
    if (name === undefined && names.size < mostNames) {
      name = `cs_${createHash("sha256").update(text).digest("base64url")}`;
      names.set(text, name);
    }
    return name;
  };
}
