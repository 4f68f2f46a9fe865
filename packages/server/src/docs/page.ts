// The reference as one page without a script: everything stands in the document, and folds by itself.
import type {
  ApiContent,
  ApiDocument,
  ApiOperation,
  ApiParameter,
  ApiResponse,
  JsonSchema,
} from "./document.ts";
import { limitsOf, membersOf, schemeNames, typeOf } from "./schema-members.ts";

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: ApiOperation;
}

export function pageOf(document: ApiDocument): string {
  const { info, servers, tags, paths } = document;
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Entry => ({ method, path, operation })),
  );
  const groups = tags
    .map((tag) => ({
      ...tag,
      entries: entries.filter(({ operation }) => operation.tags?.includes(tag.name)),
    }))
    .filter((group) => group.entries.length > 0);
  const contents = groups
    .map(
      ({ name, entries: own }) =>
        `<li><a href="#${idOf(name)}">${escape(name)}</a><ol>${own.map(line).join("")}</ol></li>`,
    )
    .join("\n");
  const sections = groups
    .map(
      ({ name, description, entries: own }) =>
        `<section aria-labelledby="${idOf(name)}"><h2 id="${idOf(name)}">${escape(name)}</h2>\n<p>${prose(description)}</p>\n${own.map(operationOf).join("\n")}</section>`,
    )
    .join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API reference · ${escape(info.title)}</title>
<link rel="stylesheet" href="docs/style.css">
</head>
<body>
<a class="skip" href="#reference">Skip to the reference</a>
<header><p class="brand">${escape(info.title)}</p><h1>API reference</h1>
<p>${prose(info.description)}</p>
<dl class="facts"><div><dt>Address</dt><dd><code>${escape(servers[0]?.url ?? "")}</code></dd></div>
<div><dt>As a document</dt><dd><a href="openapi.json">openapi.json</a>, OpenAPI 3.1</dd></div>
<div><dt>Errors</dt><dd><a href="problems">what each code means</a></dd></div></dl></header>
<div class="columns">
<nav aria-label="Operations"><ol>${contents}</ol></nav>
<main id="reference">
${sections}
</main>
</div>
</body>
</html>
`;
}

function line({ method, path, operation }: Entry): string {
  return `<li><a href="#${escape(operation.operationId ?? "")}">${badge(method)} <span class="path">${escape(path)}</span></a></li>`;
}

function badge(method: string): string {
  return `<span class="method ${method}">${method.toUpperCase()}</span>`;
}

function operationOf({ method, path, operation }: Entry): string {
  const { operationId = "", summary = "", security, parameters = [], requestBody, responses } = operation;
  const rows = parameters.map(parameterRow);
  const [good, refused] = [responsesOf(responses, /^[23]/), responsesOf(responses, /^[45]/)];
  return `<article id="${escape(operationId)}" aria-labelledby="${escape(operationId)}-title">
<h3 id="${escape(operationId)}-title">${badge(method)} <span class="path">${escape(path)}</span></h3>
<p class="summary">${prose(summary)}.</p>
${security === undefined ? "" : `<p class="who">Needs ${security.map(nameOfScheme).join(" or ")}.</p>`}
${rows.length === 0 ? "" : table("Parameters", rows)}
${requestBody === undefined ? "" : bodyOf(requestBody.content)}
<h4>Answers</h4>
${good.map(answer).join("\n")}
<details><summary>Refusals: ${refused.map(([status]) => status).join(", ")}</summary>
${refused.map(answer).join("\n")}
</details>
</article>`;
}

function parameterRow({ name, in: place, required, schema }: ApiParameter): string {
  const rules = [`in the ${place}`, ...(required === true ? [] : ["optional"]), ...limitsOf(schema)];
  return row(name, typeOf(schema), rules.join(", "));
}

function nameOfScheme(scheme: Readonly<Record<string, unknown>>): string {
  const [name] = Object.keys(scheme);
  return name === undefined ? "nothing" : (schemeNames[name] ?? escape(name));
}

function responsesOf(
  responses: ApiOperation["responses"],
  wanted: RegExp,
): readonly (readonly [string, ApiResponse])[] {
  return Object.entries(responses).filter(([status]) => wanted.test(status));
}

function answer([status, { description, content = {} }]: readonly [string, ApiResponse]): string {
  const isRefusal = /^[45]/.test(status);
  const types = isRefusal
    ? ""
    : Object.entries(content)
        .map(([type, { schema }]) => bodyTable(type, schema))
        .join("");
  return `<div class="answer"><p><span class="status s${status[0]}">${status}</span> ${prose(description)}</p>${types}</div>`;
}

function bodyOf(content: ApiContent): string {
  return `<h4>Body</h4>\n${Object.entries(content)
    .map(([type, { schema }]) => bodyTable(type, schema))
    .join("\n")}`;
}

function bodyTable(type: string, schema: JsonSchema): string {
  const rows = membersOf(schema).map((member) => row(member.path, member.type, member.rules));
  return rows.length === 0 ? `<p class="type"><code>${escape(type)}</code></p>` : table(type, rows);
}

function table(caption: string, rows: readonly string[]): string {
  const head =
    '<thead><tr><th scope="col">name</th><th scope="col">type</th><th scope="col">rules</th></tr></thead>';
  return `<table><caption>${escape(caption)}</caption>${head}<tbody>${rows.join("")}</tbody></table>`;
}

function row(name: string, type: string, note: string): string {
  return `<tr><th scope="row"><code>${escape(name)}</code></th><td>${escape(type)}</td><td>${escape(note)}</td></tr>`;
}

function idOf(name: string): string {
  return `tag-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
}

/** Sentences of ours, with names in backticks. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
