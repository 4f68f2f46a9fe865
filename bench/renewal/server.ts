/** The server under test, as a process of its own: says where it listens, ends with its standard input. */
import { createApp } from "@countersign/server";

const [databaseUrl = "", dataDir = ""] = process.argv.slice(2);
// The few sessions of this bench are renewed faster than any client may.
const app = createApp(
  { issuer: "http://127.0.0.1", databaseUrl, dataDir, renewalsPerMinute: null },
  { logger: false },
);
process.stdout.write(`${await app.listen({ host: "127.0.0.1", port: 0 })}\n`);
process.stdin.resume().once("end", () => {
  app.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
