import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { sql } from "kysely";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bearer, login, newAccount, newApp, password, renew, type Tokens } from "../../app.ts";
import { canMountDisks, newSmallDisk } from "../../full-disk.ts";

interface Disk {
  readonly databaseUrl: string;
  fill(app: FastifyInstance): Promise<void>;
  clear(app: FastifyInstance): Promise<void>;
}

/** The file may have no more pages than it has: SQLite's own way to try it. */
const fullFile = (): Disk => ({
  databaseUrl: "sqlite::memory:",
  async fill({ auth: { database } }) {
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database);
    await sql.raw(`pragma max_page_count = ${rows[0]?.page_count}`).execute(database);
  },
  async clear({ auth: { database } }) {
    await sql.raw("pragma max_page_count = 1000000").execute(database);
  },
});

/** The disk itself is full, of something else. */
function fullDisk(): Disk {
  const folder = newSmallDisk(4096);
  const filler = join(folder, "filler");
  return {
    databaseUrl: `sqlite:${join(folder, "countersign.db")}`,
    async fill() {
      for (const bytes of [1_048_576, 65_536, 4096]) {
        try {
          for (;;) writeFileSync(filler, Buffer.alloc(bytes), { flag: "a" });
        } catch (error) {
          expect(error).toMatchObject({ code: "ENOSPC" });
        }
      }
    },
    async clear() {
      rmSync(filler);
    },
  };
}

const disks = [
  { name: "a file that may not grow", isThere: true, newDisk: fullFile },
  { name: "a disk without room", isThere: canMountDisks, newDisk: fullDisk },
];

test.for(disks.filter(({ isThere }) => isThere))(
  "$name: writes are 503 with Retry-After, reads and verification go on, and all comes back by itself",
  async ({ newDisk }) => {
    const disk = newDisk();
    const app = newApp({ databaseUrl: disk.databaseUrl });
    onTestFinished(() => app.close());
    await newAccount(app);
    const tokens = await login(app);
    await disk.fill(app);

    let index = 0;
    const signup = (): Promise<LightMyRequestResponse> => {
      const email = `p${(index += 1)}@example.com`;
      return app.inject({ method: "POST", url: "/signup", payload: { email, password } });
    };
    // What is free within the pages that are there is used up first.
    let refused = await signup();
    while (refused.statusCode === 201) refused = await signup();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(refused.json()).toMatchObject({ status: 503, code: "unavailable" });
      expect(refused.headers["retry-after"]).toMatch(/^\d+$/);
      refused = await signup();
    }
    await expectReading(app, tokens);

    await disk.clear(app);
    expect((await signup()).statusCode).toBe(201);
    expect((await renew(app, tokens.refresh_token)).statusCode).toBe(200);
  },
);

async function expectReading(app: FastifyInstance, tokens: Tokens): Promise<void> {
  for (const url of ["/me", "/me/sessions", "/health/ready", "/.well-known/jwks.json"]) {
    const { statusCode } = await app.inject({ url, headers: bearer(tokens) });
    expect(statusCode, url).toBe(200);
  }
}
