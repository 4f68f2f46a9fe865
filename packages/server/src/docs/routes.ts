// GET /openapi.json and /docs: what the API takes and answers, for programs and for people.
import type { FastifyPluginAsync } from "fastify";
import Type from "typebox";
import { sendPublicDocument } from "../http/cached-document.ts";
import type { Operation } from "../http/operation.ts";
import type { ApiDocument } from "./document.ts";
import { pageOf } from "./page.ts";
import { stylesheet } from "./stylesheet.ts";

export interface DocsRoutesOptions {
  /** There once the app is ready. */
  readonly document: () => ApiDocument;
}

/** No script at all, no inline style, no request to elsewhere, in nobody's frame. */
const policy =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = (id: string, summary: string, type: string): Operation => ({
  id,
  tag: "Pages",
  summary,
  answers: { 200: { description: "The page", type } },
});

export const docsRoutes: FastifyPluginAsync<DocsRoutesOptions> = async (app, { document }) => {
  const operation: Operation = {
    id: "describeApi",
    tag: "Pages",
    summary: "Describe the API as OpenAPI 3.1",
    answers: {
      200: { description: "The document", schema: Type.Object({ openapi: Type.String() }) },
      304: { description: "Nothing has changed since" },
    },
  };
  app.get("/openapi.json", { config: { operation } }, async (request, reply) =>
    sendPublicDocument(request, reply, document(), 0),
  );

  // Nothing in it changes while the server runs; built when somebody asks.
  let html: string | undefined;
  app.get(
    "/docs",
    { config: { cors: false, operation: page("showReference", "Show this reference", "text/html") } },
    async (_request, reply) => {
      html ??= pageOf(document());
      return reply
        .headers({ "cache-control": "no-cache", "content-security-policy": policy })
        .type("text/html; charset=utf-8")
        .send(html);
    },
  );
  app.get(
    "/docs/style.css",
    { config: { cors: false, operation: page("showReferenceStyle", "How the reference looks", "text/css") } },
    async (_request, reply) =>
      reply.header("cache-control", "no-cache").type("text/css; charset=utf-8").send(stylesheet),
  );
};
