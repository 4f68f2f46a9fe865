// The same routes on Bun: `bun src/bun.ts`.
import * as profile from "./app/api/profile/route.ts";

/** What this file uses of Bun, for compilers that do not know it. */
declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    routes: Record<string, Record<string, (request: Request) => Promise<Response>>>;
  }): { readonly url: URL };
};

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env["PORT"] ?? 3004),
  routes: { "/api/profile": { GET: profile.GET, DELETE: profile.DELETE } },
});
process.stdout.write(`The API is at ${server.url}\n`);
