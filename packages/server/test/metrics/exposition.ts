// Reads the text format of Prometheus, and refuses what is not of it.

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  readonly samples: readonly Sample[];
}

const metricName = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const sampleLine = new RegExp(`^(${metricName})(?:\\{(.*)\\})? (\\S+)$`);
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** @throws TypeError at the first line that Prometheus would not take */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new TypeError("the last line has no end");
  const families = new Map<string, { help: string; type?: Family["type"]; samples: Sample[] }>();
  const seen = new Set<string>();
  let current = "";
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === "HELP") {
      if (families.has(name)) throw new TypeError(`two families are called ${name}`);
      families.set((current = name), { help: rest, samples: [] });
    } else if (keyword === "TYPE") {
      const family = families.get(name);
      if (family === undefined || !/^(?:counter|gauge|histogram|summary)$/.test(rest))
        throw new TypeError(line);
      family.type = rest as Family["type"];
    } else {
      const sample = sampleOf(line);
      const family = families.get(current);
      const suffixes = family?.type === "histogram" ? "(?:_bucket|_sum|_count)" : "";
      if (family === undefined || !new RegExp(`^${current}${suffixes}$`).test(sample.name))
        throw new TypeError(`${line} stands in no family of its own`);
      const pairs = Object.entries(sample.labels).map((pair) => pair.join("="));
      const identity = `${sample.name}{${pairs.toSorted().join()}}`;
      if (seen.has(identity)) throw new TypeError(`${line} comes twice`);
      seen.add(identity);
      family.samples.push(sample);
    }
  }
  for (const [name, { type }] of families) if (type === undefined) throw new TypeError(`${name} has no type`);
  return families as ReadonlyMap<string, Family>;
}

function sampleOf(line: string): Sample {
  const [, name, inBraces = "", number = ""] = sampleLine.exec(line) ?? [];
  if (name === undefined) throw new TypeError(`no line of the format: ${line}`);
  const value = number === "+Inf" ? Number.POSITIVE_INFINITY : Number(number);
  // Prometheus reads it in any case, and prom-client writes it for a mean of nothing.
  if (Number.isNaN(value) && !/^nan$/i.test(number)) throw new TypeError(`no number: ${line}`);
  const labels: Record<string, string> = {};
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < inBraces.length) {
    const [, label = "", text = ""] = labelPair.exec(inBraces) ?? [];
    if (label === "" || label in labels) throw new TypeError(`no labels: ${line}`);
    labels[label] = text;
  }
  return { name, labels, value };
}

/** The value of the one sample with these labels; 0 where there is none. */
export function valueOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const family = families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, ""));
  const entries = Object.entries(labels);
  const found = family?.samples.filter(
    (sample) => sample.name === name && entries.every(([label, value]) => sample.labels[label] === value),
  );
  return found?.reduce((sum, { value }) => sum + value, 0) ?? 0;
}
