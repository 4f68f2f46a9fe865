// Serves the page of this example: node main.ts, with PORT (5173) and API (http://127.0.0.1:3000)
// from the environment.
import { createPageServer } from "./page-server.ts";

const { API: api = "http://127.0.0.1:3000", PORT: port = "5173" } = process.env;

const server = await createPageServer(api);
server.listen(Number(port), "127.0.0.1", () => {
  process.stdout.write(`The page is at http://127.0.0.1:${port}. It calls the API at ${api}.\n`);
});
