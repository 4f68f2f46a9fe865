// Builds the page and serves it, from an origin that is not the API's.
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const entry = fileURLToPath(new URL("../app/main.tsx", import.meta.url));

export async function createPageServer(api: string): Promise<Server> {
  const script = await build();
  const { origin } = new URL(api);
  // Whatever script gets into the page could read the login, so none does, and it may talk to the
  // API alone.
  const policy = `default-src 'none'; script-src 'self'; connect-src ${origin}; frame-ancestors 'none'`;
  const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>A page of another origin</title>
    <link rel="icon" href="data:,">
    <script type="module" src="/main.js"></script>
  </head>
  <body><main id="root" data-api="${api}"></main></body>
</html>
`;
  return createServer(({ url }, response) => {
    if (url === "/main.js") response.setHeader("content-type", "text/javascript").end(script);
    else if (url !== "/") response.writeHead(404).end();
    else {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.setHeader("content-security-policy", policy).end(page);
    }
  });
}

async function build(): Promise<string> {
  const bundle = await rolldown({
    input: entry,
    platform: "browser",
    resolve: { conditionNames: ["@countersign/source", "browser", "import", "default"] },
    transform: { define: { "process.env.NODE_ENV": '"production"' } },
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  return output[0].code;
}
