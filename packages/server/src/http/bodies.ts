// How bodies are read: JSON and forms, both strictly; text/plain and all else have no parser and are refused (415).
import type { FastifyInstance } from "fastify";
import { parseForm } from "./form-body.ts";
import { parseJson } from "./json-body.ts";

/** In this scope alone; an app around it keeps its own parsers. */
export function readBodiesStrictly(scope: FastifyInstance): void {
  scope.removeContentTypeParser(["application/json", "text/plain", "application/x-www-form-urlencoded"]);
  scope.addContentTypeParser("application/json", { parseAs: "buffer" }, parseJson);
  scope.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "buffer" }, parseForm);
}
