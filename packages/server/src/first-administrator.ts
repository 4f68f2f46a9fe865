// A server without an administrator says how to make one: to a person at a terminal, else in a file that its own user alone
// can read; never in the log.
import type { FastifyInstance } from "fastify";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export interface FirstAdministratorOptions {
  /** To a person at a terminal; undefined where nobody is. */
  readonly tell: ((text: string) => void) | undefined;
  readonly dataDir?: string | undefined;
  readonly databaseUrl?: string | undefined;
  /** How the program is called there. @default "npx countersign" */
  readonly program?: string | undefined;
}

declare module "fastify" {
  interface FastifyInstance {
    /** Set where administration is on: whether some account may do everything. */
    readonly hasAdministrator?: () => Promise<boolean>;
  }
}

const fileName = "first-administrator.txt";

/** To be called once the app listens. A server that cannot say it serves all the same. */
export async function announceFirstAdministrator(
  app: FastifyInstance,
  options: FirstAdministratorOptions,
): Promise<void> {
  const { tell, dataDir = "data" } = options;
  if (app.hasAdministrator === undefined) return;
  const file = join(resolve(dataDir), fileName);
  try {
    const isMissing = !(await app.hasAdministrator());
    // Whatever lies there is of an earlier start, and is not written into.
    rmSync(file, { force: true });
    if (!isMissing) return;
    const text = textOf(options);
    if (tell !== undefined) tell(text);
    else if (existsSync(resolve(dataDir))) writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  } catch (error) {
    app.log.warn(
      { err: error },
      "whether there is an administrator, and how to make the first, cannot be told",
    );
  }
}

function textOf({
  dataDir = "data",
  databaseUrl,
  program = "npx countersign",
}: FirstAdministratorOptions): string {
  const isPostgres = databaseUrl?.startsWith("postgres") === true;
  // A URL of PostgreSQL may hold a password, which must not stand on a command line.
  const database = databaseUrl === undefined || isPostgres ? "" : ` --database ${quoted(databaseUrl)}`;
  const about = isPostgres ? ", with COUNTERSIGN_DATABASE_URL set as for the server" : "";
  return `There is no administrator yet. To make the first${about}:

  printf '%s\\n' "$PASSWORD" | ${program} users create --admin --email YOU@EXAMPLE.COM --password-stdin --data-dir ${quoted(resolve(dataDir))}${database}

`;
}

function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
