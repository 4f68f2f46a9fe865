// What the console asks beside the verbs: what whoever asks may do, when keys change, whether the trail is whole.
import type { AdminKeysResponse, AuditChainResponse } from "@countersign/client";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createChainCheck } from "../../src/admin/chain-check.ts";
import { permissions } from "../../src/settings/permissions.ts";
import { bearer, login, newAccount, startApp } from "../app.ts";

const rolePermissions = { admin: permissions, helper: ["users:read", "sessions:write"] };
const dayMs = 86_400_000;

async function startWithPeople() {
  const app = await startApp({ rolePermissions });
  const enter = async (name: string, roles: readonly string[]) => {
    const email = await newAccount(app, name);
    await sql`update users set roles = ${JSON.stringify(roles)} where email = ${email}`.execute(
      app.auth.database,
    );
    return bearer(await login(app, email));
  };
  const get = async <T>(url: string, headers: Record<string, string>): Promise<T> =>
    (await app.inject({ url, headers })).json<T>();
  return { app, enter, get };
}

test("AD-02: everybody may ask what their roles allow, and most are told nothing", async () => {
  const { app, enter, get } = await startWithPeople();
  expect((await app.inject("/me/permissions")).statusCode).toBe(401);
  expect(await get("/me/permissions", await enter("ada", ["user"]))).toEqual({ permissions: [] });
  const helper = await enter("joan", ["user", "helper", "editor"]);
  expect(await get("/me/permissions", helper)).toEqual({ permissions: rolePermissions.helper });
  expect(await get("/me/permissions", await enter("eve", ["admin"]))).toEqual({ permissions });
});

test("the next key takes over after thirty days, or when the published one may sign", async () => {
  const { app, enter, get } = await startWithPeople();
  const headers = await enter("eve", ["admin"]);
  const { keys, next_at: next } = await get<AdminKeysResponse>("/admin/keys", headers);
  const [first] = keys;
  expect(Math.abs(Date.parse(next ?? "") - Date.parse(first?.promote_at ?? "") - 30 * dayMs)).toBeLessThan(
    dayMs,
  );
  const rotated = await app.inject({ method: "POST", url: "/admin/keys/rotate", headers });
  const now = rotated.json<AdminKeysResponse>();
  expect(now.next_at).toBe(now.keys.at(-1)?.promote_at);
});

test("the chain is whole until a row is altered, and then says how many hold", async () => {
  const { app, enter, get } = await startWithPeople();
  const headers = await enter("eve", ["admin"]);
  await sql`update audit set address = 'elsewhere' where seq = 2`.execute(app.auth.database);
  expect(await get<AuditChainResponse>("/admin/audit/chain", headers)).toMatchObject({
    outcome: "broken",
    rows: 1,
  });
});

test("many who ask at once have the trail read once, and a failure is not kept", async () => {
  let reads = 0;
  let nowMs = 0;
  const check = createChainCheck(
    {
      verifyChain: async () => {
        reads += 1;
        if (reads === 1) throw new TypeError("The database is away");
        return {
          outcome: "intact",
          rows: 7,
          prunedRows: 0,
          prunedHash: "",
          hash: "",
          sealedRows: 0,
          waitingRows: 0,
        };
      },
    },
    () => nowMs,
  );
  await expect(check()).rejects.toThrow("away");
  const answers = await Promise.all(Array.from({ length: 64 }, check));
  expect(new Set(answers).size).toBe(1);
  expect(reads).toBe(2);
  nowMs = 9999;
  await check();
  expect(reads).toBe(2);
  nowMs = 10_000;
  await check();
  expect(reads).toBe(3);
});
