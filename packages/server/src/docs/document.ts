// The OpenAPI document of the server: @fastify/swagger reads what the routes take, and their operations say what they answer.
import type { FastifyInstance, FastifySchema, RouteOptions } from "fastify";
import type { TSchema } from "typebox";
import { refusals, type ServiceErrorCode } from "../errors.ts";
import { type Operation, operationTags } from "../http/operation.ts";
import packageJson from "../../package.json" with { type: "json" };

/** As much of OpenAPI 3.1 as we write. */
export interface ApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: object;
}

export interface ApiOperation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly ApiParameter[];
  readonly requestBody?: { readonly content: ApiContent };
  readonly responses: Readonly<Record<string, ApiResponse>>;
}

export interface ApiParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

export interface ApiResponse {
  readonly description: string;
  readonly content?: ApiContent;
}

export type ApiContent = Readonly<Record<string, { readonly schema: JsonSchema }>>;
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A name that no app uses for a swagger of its own. */
const decorator = "countersignApi";

const securitySchemes = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The access token of a login.",
  },
  cookie: {
    type: "apiKey",
    in: "cookie",
    name: "__Host-session",
    description: "The cookie of `POST /session`; what changes something must come from a page of one's own.",
  },
  clientBasic: {
    type: "http",
    scheme: "basic",
    description: "The id and secret of one of `introspectionClients`, or both in the form (RFC 6749 §2.3.1).",
  },
  followerBasic: {
    type: "http",
    scheme: "basic",
    description: "The name and secret of one of `feedFollowers`.",
  },
};

const security: Readonly<Record<NonNullable<Operation["caller"]>, ApiOperation["security"]>> = {
  person: [{ bearer: [] }, { cookie: [] }],
  client: [{ clientBasic: [] }],
  // Strangers are let in where `feed` is open.
  follower: [{}, { followerBasic: [] }],
};

const text = { type: "string" };

const schemas = {
  Problem: {
    type: "object",
    description: "RFC 9457; `code` is stable, and `type` is a page that says what to do.",
    required: ["type", "title", "status", "code"],
    properties: {
      type: text,
      title: text,
      status: { type: "integer" },
      code: text,
      detail: text,
      request_id: text,
    },
  },
  OAuthError: {
    type: "object",
    description: "RFC 6749 §5.2.",
    required: ["error"],
    properties: { error: text, error_description: text },
  },
};

/** Reads every route that is added to `scope` afterwards; the result is there once the app is ready. */
export async function describeApi(scope: FastifyInstance, issuer: string): Promise<() => ApiDocument> {
  // Loaded where the reference is served alone.
  const { default: swagger } = await import("@fastify/swagger");
  const routes = new Map<string, RouteOptions>();
  await scope.register(swagger as unknown as Parameters<FastifyInstance["register"]>[0], {
    decorator,
    // The addresses are those below the issuer; a prefix of the app is in its path already.
    stripBasePath: false,
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Countersign",
        version: packageJson.version,
        description:
          "Accounts, login and tokens. Bodies are JSON unless an operation says otherwise, hold exactly what is named, " +
          "and have 16 KiB at most. Codes, statuses and members are stable.",
      },
      servers: [{ url: issuer.replace(/\/$/, "") }],
      tags: Object.entries(operationTags).map(([name, description]) => ({ name, description })),
      components: { securitySchemes, schemas },
    },
    transform: ({ schema, url, route }: { schema?: FastifySchema; url: string; route: RouteOptions }) => {
      const operation = route.config?.operation;
      const path = url.slice(scope.prefix.length) || "/";
      // Preflights, and the other addresses of one page.
      if (route.method === "OPTIONS" || path.endsWith("/*")) return { schema: { hide: true }, url: path };
      if (operation !== undefined) routes.set(operation.id, route);
      return { schema: { ...schema, ...namesOf(operation) }, url: path };
    },
    transformObject: ({ openapiObject }: { openapiObject: ApiDocument }) =>
      withAnswers(openapiObject, routes),
  });
  return scope.getDecorator<() => ApiDocument>(decorator);
}

function namesOf(operation: Operation | undefined): object {
  if (operation === undefined) return {};
  const { id, summary, tag, caller } = operation;
  return {
    operationId: id,
    summary,
    tags: [tag],
    ...(caller !== undefined && { security: security[caller] }),
    response: undefined,
  };
}

function withAnswers(document: ApiDocument, routes: ReadonlyMap<string, RouteOptions>): ApiDocument {
  const paths = Object.entries(document.paths).map(([path, methods]) => {
    const operations = Object.entries(methods).map(([method, operation]) => {
      const route = routes.get(operation.operationId ?? "");
      return [
        method,
        route === undefined ? operation : { ...operation, responses: answersOf(route) },
      ] as const;
    });
    return [path, Object.fromEntries(operations)] as const;
  });
  // Schemas carry marks of their library that no JSON has.
  return JSON.parse(JSON.stringify({ ...document, paths: Object.fromEntries(paths) })) as ApiDocument;
}

function answersOf(route: RouteOptions): Record<string, ApiResponse> {
  const operation = route.config?.operation;
  if (operation === undefined) return {};
  const replies = (route.schema?.response ?? {}) as Readonly<Record<number, TSchema>>;
  const answers: Record<string, ApiResponse> = {};
  for (const [status, answer] of Object.entries(operation.answers)) {
    const schema = replies[Number(status)] ?? answer.schema;
    const type = answer.type ?? (schema === undefined ? undefined : "application/json");
    answers[status] = {
      description: `${answer.description}.`,
      ...(type !== undefined && { content: { [type]: { schema: (schema ?? text) as JsonSchema } } }),
    };
  }
  const byStatus = Object.groupBy(refusalsOf(route, operation), ({ status }) => status);
  for (const [status, some = []] of Object.entries(byStatus)) answers[status] = refusal(some, operation);
  return answers;
}

interface Refused {
  readonly code: string;
  readonly status: number;
  readonly title: string;
}

function refusal(some: readonly Refused[], { errors }: Operation): ApiResponse {
  if (errors === "oauth") {
    const description = some.map(({ title }) => `${title}.`).join(" ");
    return { description, content: { "application/json": { schema: reference("OAuthError") } } };
  }
  const description = some.map(({ code, title }) => `\`${code}\`: ${title}.`).join(" ");
  const code = { ...text, enum: some.map((one) => one.code) };
  const schema = { allOf: [reference("Problem"), { type: "object", properties: { code } }] };
  return { description, content: { "application/problem+json": { schema } } };
}

function reference(name: keyof typeof schemas): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Its own, and those of every route of its kind. */
function refusalsOf({ schema }: RouteOptions, operation: Operation): readonly Refused[] {
  const { refusals: own = [], caller } = operation;
  const ofServer = (code: ServiceErrorCode, status = refusals[code].status): Refused => ({
    code,
    status,
    title: refusals[code].title,
  });
  const isRead = schema?.body !== undefined;
  return [
    ofServer("invalid_request"),
    ...(caller === "person" ? ofGuard : []),
    ...(caller === "client" || caller === "follower" ? [ofServer("invalid_client")] : []),
    ...own.map((one) => (typeof one === "string" ? ofServer(one) : ofServer(...one))),
    ...(caller === "person" ? [ofServer("logged_out"), ofServer("cross_site")] : []),
    ofServer("https_required"),
    ...(isRead ? [ofServer("body_too_large"), ofServer("unsupported_media_type")] : []),
    ofServer("internal"),
    ofServer("unavailable"),
  ];
}

/** What the verifier's guard says of tokens; its package has the list. */
const ofGuard: readonly Refused[] = [
  { code: "credentials_missing", status: 401, title: "There are no credentials" },
  { code: "scheme_not_supported", status: 401, title: "The credentials are no bearer token" },
  { code: "credentials_malformed", status: 401, title: "The header is not one bearer token" },
  { code: "token_invalid", status: 401, title: "The token is expired, revoked or otherwise invalid" },
  { code: "verification_failed", status: 503, title: "The credentials cannot be judged at the moment" },
];
