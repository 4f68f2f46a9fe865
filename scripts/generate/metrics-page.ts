// The metrics of the server as Markdown.
import { wrapped } from "../../packages/server/src/cli/option-help.ts";
import { counters, gauges, histograms, processMetrics } from "../../packages/server/src/metrics/table.ts";

export function metricsPage(): string {
  return `# Metrics

<!-- Generated from packages/server/src/metrics/table.ts: npm run generate -->

With \`metricsPort\` ([settings](settings.md#metrics)) each instance serves \`GET /metrics\` in the text format of
Prometheus, on a listener of its own and never on the public port. It wants no credentials: whoever reaches the port
reads it. No label holds an address, an id, a token or anything else that a client sends, and each has few values, so
that no client can add to what must be stored.

Every instance counts from its own start. Of counters ask for rates, and sum over instances; of a histogram take
quantiles from its buckets. [Operations](../operations.md#metrics) says what is worth an alert.

## Counters

${Object.entries(counters).map(section).join("\n")}
## Histograms

Each in seconds, with \`_bucket\`, \`_sum\` and \`_count\`.

${Object.entries(histograms).map(section).join("\n")}
## Gauges

${Object.entries(gauges).map(section).join("\n")}
## The process

From prom-client, under the names that dashboards for Node know.

| names | what |
|---|---|
${Object.entries(processMetrics)
  .map(([name, what]) => `| \`${name}${name.endsWith("_") ? "…" : ""}\` | ${what} |`)
  .join("\n")}
`;
}

interface Description {
  readonly help: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly buckets?: readonly number[];
}

function section([name, { help, labels = {}, buckets }]: readonly [string, Description]): string {
  const facts = Object.entries(labels).map(([label, values]) => item(`label \`${label}\`: ${values}`));
  if (buckets !== undefined) facts.push(item(`buckets: ${buckets.join(", ")}`));
  return `### \`${name}\`\n\n${help}\n${facts.length > 0 ? `\n${facts.join("\n")}\n` : ""}`;
}

function item(text: string): string {
  return `- ${wrapped(text, 116).join("\n  ")}`;
}
