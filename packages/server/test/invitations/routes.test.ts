// An invitation from the administrator to the first login, through a real mail server.
import { hash } from "@node-rs/argon2";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { sql } from "kysely";
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { CountersignOptions } from "../../src/settings/countersign-options.ts";
import { permissions } from "../../src/settings/permissions.ts";
import { bearer, login, newAccount, password, startApp } from "../app.ts";
import { databases, startMailedApp } from "../mail/mailed-app.ts";
import type { MailServer, ReceivedMail } from "../mail/mail-server.ts";

const eve = "eve@example.com";
const rolePermissions = {
  admin: permissions,
  helper: ["users:read", "users:write", "sessions:write"],
} as const;

type Answer = Promise<LightMyRequestResponse>;
type Headers = Readonly<Record<string, string>>;

const start = (database: (typeof databases)[number] = "SQLite", options: Partial<CountersignOptions> = {}) =>
  startMailedApp(database, { admin: true, signup: "invite", rolePermissions, ...options });

/** An account that was there before sign-up was for the invited alone, and its login. */
async function enter(app: FastifyInstance, role: string): Promise<{ authorization: string }> {
  const id = randomBytes(16).toString("base64url");
  const [email, roles] = [`${role}@example.com`, JSON.stringify(["user", role])];
  await sql`
    insert into users (id, email, email_key, name, password_hash, password_version, roles, status, created_at, updated_at)
    values (${id}, ${email}, ${email}, null, ${await hash(password)}, 1, ${roles}, 'active', 0, 0)
  `.execute(app.auth.database);
  return bearer(await login(app, email));
}

const invite = (app: FastifyInstance, headers: Headers, more: object = {}): Answer =>
  app.inject({ method: "POST", url: "/admin/invitations", headers, payload: { email: eve, ...more } });

const signUp = (app: FastifyInstance, invitation?: string, more: object = {}): Answer =>
  app.inject({
    method: "POST",
    url: "/signup",
    payload: { email: eve, password, ...(invitation !== undefined && { invitation }), ...more },
  });

const list = async (app: FastifyInstance, headers: Headers, query = "") =>
  (await app.inject({ url: `/admin/invitations${query}`, headers })).json<{
    invitations: { id: string; email: string; roles: string[] }[];
    next_cursor: string | null;
  }>();

function tokenIn(mail: ReceivedMail): string {
  const [, token] = /\/console\/signup#token=([\w-]{43})\s/.exec(mail.text ?? "") ?? [];
  if (token === undefined) throw new TypeError(`it holds no link: ${mail.subject}`);
  return token;
}

const invitedBy = async (mailServer: MailServer, to = eve): Promise<string> =>
  tokenIn(await mailServer.takeAbout(to, "You are invited to api.example.com"));

describe.each(databases)("an invitation on %s", (database) => {
  test("IN-01: leads by mail to an account with its roles, whose address is proved; without one nobody signs up", async () => {
    const { app, mailServer } = await start(database, { emailVerification: "before-login" });
    const admin = await enter(app, "admin").catch(async () => {
      // Nobody logs in with an address that was not proved.
      await sql`update users set email_verified_at = 1`.execute(app.auth.database);
      return bearer(await login(app, "admin@example.com"));
    });
    expect((await signUp(app)).json()).toMatchObject({ status: 403, code: "invitation_needed" });

    const sent = await invite(app, admin, { roles: ["user", "editor"] });
    expect(sent.statusCode).toBe(201);
    expect(sent.json()).toMatchObject({ email: eve, roles: ["user", "editor"] });
    const token = await invitedBy(mailServer);
    const { rows } = await sql`select * from one_time_codes`.execute(app.auth.database);
    expect(JSON.stringify([rows, await list(app, admin), sent.json()])).not.toContain(token);

    // What is refused for another reason costs the invitation nothing.
    expect((await signUp(app, token, { password: "password" })).json()).toMatchObject({ status: 400 });
    for (const wrong of ["A".repeat(43), "", `${token} `, token.slice(1)])
      expect((await signUp(app, wrong)).statusCode).toBe(400);
    const elsewhere = await signUp(app, token, { email: "mallory@example.com" });
    expect(elsewhere.json()).toMatchObject({ status: 400, code: "code_invalid" });

    const made = await signUp(app, token, { email: "Eve@EXAMPLE.com" });
    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({ roles: ["user", "editor"], email_verified: true });
    expect((await signUp(app, token)).json()).toMatchObject({ code: "code_invalid" });
    const me = await app.inject({ url: "/me", headers: bearer(await login(app, eve)) });
    expect(me.json()).toMatchObject({ roles: ["user", "editor"] });
    expect(await list(app, admin)).toEqual({ invitations: [], next_cursor: null });
    expect((await invite(app, admin)).json()).toMatchObject({ status: 409, code: "email_taken" });

    const trail = await app.inject({ url: "/admin/audit", headers: admin });
    const { entries } = trail.json<{
      entries: { event: string; detail: object; actor_id: string | null }[];
    }>();
    const { id, invited_by: by } = sent.json<{ id: string; invited_by: string }>();
    const detail = { invitation: id, roles: ["user", "editor"] };
    expect(entries).toContainEqual(
      expect.objectContaining({ event: "invitation_sent", actor_id: by, detail }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ event: "account_created", detail: { ...detail, invitedBy: by } }),
    );
    expect(JSON.stringify(entries)).not.toContain(eve);
  });

  test("IN-05: is sent again on demand, and taken back before it is used", async () => {
    const { app, mailServer } = await start(database);
    const admin = await enter(app, "admin");
    const first = (await invite(app, admin, { locale: "de" })).json<{ id: string }>();
    const old = tokenIn(await mailServer.takeAbout(eve, "Einladung zu api.example.com"));
    expect((await invite(app, admin)).json()).toMatchObject({ id: first.id });
    const token = await invitedBy(mailServer);
    const revoke = () =>
      app.inject({ method: "DELETE", url: `/admin/invitations/${first.id}`, headers: admin });
    expect((await revoke()).statusCode).toBe(204);
    expect((await revoke()).statusCode).toBe(404);
    for (const dead of [old, token])
      expect((await signUp(app, dead)).json()).toMatchObject({ code: "code_invalid" });
    const { rows } = await sql`select id from one_time_codes where purpose = 'invitation'`.execute(
      app.auth.database,
    );
    expect(rows).toEqual([]);
  });

  test("IN-06: nobody invites to what they could not grant, nor touches an invitation that gives more", async () => {
    const { app, mailServer } = await start(database);
    const [admin, helper] = [await enter(app, "admin"), await enter(app, "helper")];
    for (const roles of [["user", "admin"], ["editor"], ["helper"]])
      expect((await invite(app, helper, { roles })).json()).toMatchObject({ status: 403, code: "forbidden" });
    expect((await invite(app, admin, { roles: ["not a role"] })).json()).toMatchObject({
      code: "roles_invalid",
    });
    expect((await invite(app, admin, { roles: ["user", "admin"] })).statusCode).toBe(201);
    const [{ id } = { id: "" }] = (await list(app, helper)).invitations;
    expect((await invite(app, helper)).statusCode).toBe(403);
    const revoked = await app.inject({ method: "DELETE", url: `/admin/invitations/${id}`, headers: helper });
    expect(revoked.statusCode).toBe(403);
    const made = await signUp(app, await invitedBy(mailServer));
    expect(made.json()).toMatchObject({ roles: ["user", "admin"] });
    // The helper may invite to what everybody gets.
    expect((await invite(app, helper, { email: "joan@example.com" })).statusCode).toBe(201);
  });

  test("are listed page by page, newest first", async () => {
    const { app } = await start(database);
    const admin = await enter(app, "admin");
    const emails = ["a", "b", "c", "d", "e"].map((name) => `${name}@example.com`);
    for (const email of emails) await invite(app, admin, { email });
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? "?limit=2" : `?limit=2&cursor=${cursor}`;
      const page: Awaited<ReturnType<typeof list>> = await list(app, admin, query);
      found.push(...page.invitations.map(({ email }) => email));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(found.toSorted()).toEqual(emails);
  });
});

test("IN-01: an address of another domain may be invited where sign-up is for some domains", async () => {
  const { app, mailServer } = await start("SQLite", { signup: "open", signupDomains: ["example.org"] });
  const admin = await enter(app, "admin");
  expect((await signUp(app)).json()).toMatchObject({ code: "email_not_allowed" });
  await invite(app, admin);
  expect((await signUp(app, await invitedBy(mailServer))).statusCode).toBe(201);
});

test("IN-01: where nobody signs up, or no mail is sent, nobody is invited", async () => {
  const closed = await start("SQLite", { signup: "closed" });
  const answer = await invite(closed.app, await enter(closed.app, "admin"));
  expect(answer.json()).toMatchObject({ status: 403, code: "signup_closed" });
  expect((await signUp(closed.app, "A".repeat(43))).json()).toMatchObject({ code: "signup_closed" });

  const mute = await startApp({ admin: true, rolePermissions });
  expect((await invite(mute, await enter(mute, "admin"))).json()).toMatchObject({ code: "mail_off" });
  await newAccount(mute);
  await expect(startApp({ signup: "invite" })).rejects.toThrow(
    'signup is "invite", and invitations need a mail server: set smtpUrl and mailFrom, or devMail',
  );
});

test("IN-01: the dev mailbox shows the link", async () => {
  const issuer = "http://localhost:3000";
  const app = await startApp({ issuer, devMail: true, signup: "invite", admin: true, rolePermissions });
  await invite(app, await enter(app, "admin"));
  await expect
    .poll(
      async () => (await app.inject({ url: "/dev/mail", headers: { accept: "application/json" } })).body,
      {
        timeout: 20_000,
      },
    )
    .toContain(`${issuer}/console/signup#token=`);
});
