// GET /console: the web pages that people see, under a policy that lets in nothing from elsewhere.
import type { FastifyPluginAsync } from "fastify";
import { ServiceError } from "../errors.ts";
import type { Operation } from "../http/operation.ts";
import type { ConsoleFiles } from "./files.ts";

export interface ConsoleRoutesOptions {
  readonly files: ConsoleFiles;
  /** The path of the server's base URL, without a slash at its end: browsers may see more of it than this app does. */
  readonly basePath: string;
  /** What the pages say that a new password needs. */
  readonly passwordMinLength: number;
}

/** No inline script or style, no request to elsewhere, in nobody's frame. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Built assets carry a hash of what they hold in their name. */
const assetCaching = "public, max-age=31536000, immutable";

export const consoleRoutes: FastifyPluginAsync<ConsoleRoutesOptions> = async (app, options) => {
  const { files, basePath, passwordMinLength } = options;
  const { assets } = files;
  // The pages are addressed at many depths, so what the document loads is named from the root.
  const document = files.document
    .replaceAll('="./', `="${basePath}/console/`)
    .replace(/(?<=<meta name="password-min-length" content=")\d+/, String(passwordMinLength));
  const operation: Operation = {
    id: "openConsole",
    tag: "Pages",
    summary: "Open the console, here or at any address below",
    answers: { 200: { description: "The page", type: "text/html" } },
  };
  const route = { config: { cors: false, operation } };

  for (const path of ["/console", "/console/*"]) {
    app.get<{ Params: { "*"?: string } }>(path, route, async ({ params }, reply) => {
      const name = params["*"] ?? "";
      const asset = assets.get(name);
      if (asset !== undefined) {
        const caching = name.startsWith("assets/") ? assetCaching : "no-cache";
        return reply.header("cache-control", caching).type(asset.type).send(asset.content);
      }
      // A file that is not there must not come back as a page.
      if (name.startsWith("assets/")) throw new ServiceError("not_found");
      return reply
        .headers({ "cache-control": "no-cache", "content-security-policy": policy })
        .type("text/html; charset=utf-8")
        .send(document);
    });
  }
};
