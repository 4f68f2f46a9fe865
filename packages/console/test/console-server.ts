// The real server with the pages as they are now, and what the story asks for beside it.
import { createApp, type CountersignOptions } from "@countersign/server";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { secondVerifierRoutes } from "../../../examples/posts-api/src/second-verifier.ts";
import { readConsoleFiles } from "../../server/src/console/files.ts";
import { consoleRoutes } from "../../server/src/console/routes.ts";

type App = ReturnType<typeof createApp>;

const rolePermissions = {
  admin: ["users:read", "users:write", "roles:write", "sessions:write", "keys:write", "audit:read"],
  helper: ["users:read"],
} as const;

const configFile = fileURLToPath(new URL("../vite.config.ts", import.meta.url));

export interface ConsoleServer {
  readonly url: string;
  /** As if all logins had been this long ago: whoever opens a page then has a token that says so. */
  readonly ageLogins: (seconds: number) => Promise<void>;
  /** As whoever runs the server would; the next login has them. */
  readonly giveRoles: (email: string, roles: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface ConsoleServerOptions {
  readonly algorithm?: CountersignOptions["algorithm"];
  /** Whether there is a second verifier, which needs public keys. */
  readonly secondVerifier?: boolean;
  /** Whether the rows of the trail are shown. */
  readonly activity?: boolean;
  /** The name of the server. Browsers have passkeys for `localhost`, and none for an address. */
  readonly host?: "127.0.0.1" | "localhost";
  readonly emailVerification?: CountersignOptions["emailVerification"];
  readonly requireSecondFactor?: CountersignOptions["requireSecondFactor"];
  /** What stands before the path of each route and page. */
  readonly prefix?: string;
}

export async function startConsole(options: ConsoleServerOptions = {}): Promise<ConsoleServer> {
  const { algorithm, secondVerifier = false, activity = true, prefix = "" } = options;
  const { host = "127.0.0.1", emailVerification, requireSecondFactor } = options;
  const port = await freePort();
  const issuer = `http://${host}:${port}`;
  const dataDir = await mkdtemp(join(tmpdir(), "countersign-console-"));
  // The server's own pages are those of the last install.
  const app = createApp(
    {
      issuer,
      dataDir,
      prefix,
      algorithm,
      emailVerification,
      requireSecondFactor,
      console: false,
      devMail: true,
      rolePermissions,
    },
    { logger: false },
  );
  if (!activity) hideActivity(app);
  const files = await buildPages(join(dataDir, "console"));
  await app.register(
    async (scope) => consoleRoutes(scope, { files, passwordMinLength: 15, basePath: prefix }),
    { prefix },
  );
  app.get("/", async (_request, reply) => reply.redirect("/console"));
  await app.register(async (scope) => {
    const onRequest = scope.auth.required({ cookies: true });
    scope.get("/posts", { onRequest }, async () => ({ posts: [], next_before: null }));
  });
  if (secondVerifier) await app.register(secondVerifierRoutes, { issuer });
  await app.listen({ host: "127.0.0.1", port });
  return {
    url: issuer,
    async ageLogins(seconds) {
      await tablesOf(app)
        .updateTable("sessions")
        .set((column) => ({ authenticated_at: column("authenticated_at", "-", seconds * 1000) }))
        .execute();
    },
    async giveRoles(email, roles) {
      await tablesOf(app)
        .updateTable("users")
        .set({ roles: JSON.stringify(roles) })
        .where("email", "=", email)
        .execute();
    },
    async close() {
      await app.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

type TouchedTables = {
  readonly sessions: { readonly authenticated_at: number };
  readonly users: { readonly email: string; readonly roles: string };
};

const tablesOf = (app: App) => app.auth.database.withTables<TouchedTables>();

/** Always from the source as it is, and beside what anybody else builds at the moment. */
export async function buildPages(outDir: string): Promise<NonNullable<ReturnType<typeof readConsoleFiles>>> {
  await build({ configFile, logLevel: "warn", build: { outDir, emptyOutDir: true } });
  const files = readConsoleFiles(outDir);
  if (files === undefined) throw new TypeError(`There is no index.html in ${outDir}`);
  return files;
}

/** As on a server that is older than its pages. */
function hideActivity(app: App): void {
  app.addHook("onRequest", async (request, reply) => {
    if (request.url.startsWith("/me/activity")) return reply.callNotFound();
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, "127.0.0.1"), "listening");
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new TypeError("No port was given");
  return address.port;
}
