// The HTTP API as Markdown: what the server says of itself in /openapi.json.
import { randomBytes } from "node:crypto";
import { createApp } from "../../packages/server/src/app.ts";
import { wrapped } from "../../packages/server/src/cli/option-help.ts";
import type { ApiDocument, ApiOperation } from "../../packages/server/src/docs/document.ts";
import { membersOf, schemeNames, typeOf } from "../../packages/server/src/docs/schema-members.ts";

export async function httpApiPage(): Promise<string> {
  const { info, tags, paths } = await ask();
  const sections = tags.map(({ name, description }) => {
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { tags: own }]) => own?.includes(name))
        .map(([method, operation]) => operationOf(method, path, operation)),
    );
    return operations.length === 0 ? "" : `## ${name}\n\n${lines(description)}\n\n${operations.join("\n")}`;
  });
  return `# HTTP API

<!-- Generated from the routes, as /openapi.json has them: npm run generate -->

${lines(info.description)}

A server shows this page at \`/docs\`, and as OpenAPI 3.1 at \`/openapi.json\` ([the option](settings.md#docs)). The codes
of refusals are in [Errors](errors.md); what a guard says of tokens is in the
[verifier's README](../../packages/verifier/README.md).

${sections.filter((section) => section !== "").join("\n")}`;
}

async function ask(): Promise<ApiDocument> {
  const app = createApp(
    {
      issuer: "https://auth.example.com",
      databaseUrl: "sqlite::memory:",
      masterKey: randomBytes(32).toString("base64url"),
      // Whether it was built or not, the page is the same.
      console: false,
    },
    { logger: false },
  );
  try {
    return (await app.inject("/openapi.json")).json();
  } finally {
    await app.close();
  }
}

function operationOf(method: string, path: string, operation: ApiOperation): string {
  const { summary = "", security, parameters = [], requestBody, responses } = operation;
  const parts = [`### ${method.toUpperCase()} ${path}`, lines(`${summary}.`)];
  if (security !== undefined) parts.push(lines(`Needs ${security.map(schemeOf).join(" or ")}.`));
  const taken = parameters.map(({ name, in: place, schema }) =>
    item(`\`${name}\` in the ${place}: ${typeOf(schema)}`),
  );
  for (const [type, { schema }] of Object.entries(requestBody?.content ?? {}))
    taken.push(item(`\`${type}\`: ${namesIn(schema)}`));
  if (taken.length > 0) parts.push(taken.join("\n"));
  const given = Object.entries(responses).map(([status, { description, content = {} }]) => {
    if (/^[45]/.test(status)) return item(`${status} ${description}`);
    const bodies = Object.entries(content).map(([type, { schema }]) => ` \`${type}\`: ${namesIn(schema)}`);
    return item(`${status} ${description}${bodies.join(";")}`.replace(/: $/, ""));
  });
  parts.push(given.join("\n"));
  return `${parts.join("\n\n")}\n`;
}

function namesIn(schema: Parameters<typeof membersOf>[0]): string {
  return membersOf(schema)
    .map(({ path, type, rules }) => `\`${path}\` (${[type, rules].filter((text) => text !== "").join(", ")})`)
    .join(", ");
}

function schemeOf(scheme: Readonly<Record<string, unknown>>): string {
  const [name] = Object.keys(scheme);
  return name === undefined ? "nothing" : (schemeNames[name] ?? name);
}

function item(text: string): string {
  return wrapped(`- ${text}`, 118).join("\n  ");
}

function lines(text: string): string {
  return wrapped(text, 118).join("\n");
}
