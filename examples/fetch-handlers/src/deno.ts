// The same routes on Deno: `deno run --allow-net --allow-env src/deno.ts`.
import process from "node:process";
import * as profile from "./app/api/profile/route.ts";

/** What this file uses of Deno, for compilers that do not know it. */
declare const Deno: {
  serve(
    options: { hostname: string; port: number },
    handler: (request: Request) => Response | Promise<Response>,
  ): unknown;
};

const routes: Partial<Record<string, (request: Request) => Promise<Response>>> = {
  "GET /api/profile": profile.GET,
  "DELETE /api/profile": profile.DELETE,
};

Deno.serve({ hostname: "127.0.0.1", port: Number(process.env["PORT"] ?? 3004) }, (request) => {
  const route = routes[`${request.method} ${new URL(request.url).pathname}`];
  return route === undefined ? new Response(null, { status: 404 }) : route(request);
});
