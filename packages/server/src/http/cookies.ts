// Cookies of a request, as they came over the wire.

/** A request, of which only the header lines as they came over the wire are read. */
export interface HeaderLines {
  readonly rawHeaders: readonly string[];
}

/** Every value of this cookie. RFC 6265 §4.2.1 and §5.4: pairs between semicolons; the name is compared exactly. */
export function cookieValuesOf({ rawHeaders }: HeaderLines, name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== "cookie") continue;
    for (const pair of (rawHeaders[index + 1] ?? "").split(";")) {
      const equals = pair.indexOf("=");
      if (equals !== -1 && pair.slice(0, equals).trim() === name) values.push(pair.slice(equals + 1).trim());
    }
  }
  return values;
}
