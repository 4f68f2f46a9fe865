// The operator's hand on the accounts. An account is named by its id or its address.
import type { AdminAccount, SessionResponse } from "@countersign/client";
import Type from "typebox";
import { adminAccountOf } from "../admin/account-reply.ts";
import type { AccountPlace } from "../admin/account-query.ts";
import { addressKeyOf } from "../accounts/email-address.ts";
import { ServiceError } from "../errors.ts";
import { schemaOf, strict } from "../http/schema.ts";
import { sessionOf } from "../sessions/session-reply.ts";
import { type Installation, type Operation, OperationRefused, operator } from "./operation.ts";

const actor = { operator: operator.actorId } as const;
const named = { account: Type.String({ minLength: 1, maxLength: 254 }) };

/** At once; whoever wants more uses the pages of the admin API, or reads the items as they come. */
const pageRows = 500;

/** Every account, or those whose address begins so, as items in the order of the pages. */
export const listAccounts: Operation<{ readonly email: string }, { found: number }, AdminAccount> = {
  name: "users-list",
  input: schemaOf<{ email: string }>()(Type.Object({ email: Type.String({ maxLength: 254 }) }, strict)),
  async run(installation, { email }, { send, signal }) {
    const { verbs } = await installation.administration();
    const query =
      email === "" ? ({ by: "age" } as const) : ({ by: "beginning", text: keyOf(email) } as const);
    let found = 0;
    let after: AccountPlace | undefined;
    do {
      const page = await verbs.search({ query, after, limit: pageRows });
      for (const account of page.accounts) await send(adminAccountOf(account));
      found += page.accounts.length;
      after = page.end;
    } while (after !== undefined && !signal.aborted);
    return { found };
  },
};

export const showAccount: Operation<
  { readonly account: string },
  AdminAccount & { sessions: SessionResponse[] }
> = {
  name: "users-show",
  input: schemaOf<{ account: string }>()(Type.Object(named, strict)),
  run: (installation, { account }) =>
    asked(installation, async ({ verbs }) => {
      const found = await verbs.find(account);
      const sessions = await verbs.sessions(found.id);
      return { ...adminAccountOf(found), sessions: sessions.map((session) => sessionOf(session, "")) };
    }),
};

export const createAccount: Operation<
  { readonly email: string; readonly name: string; readonly password: string; readonly is_admin: boolean },
  AdminAccount
> = {
  name: "users-create",
  input: schemaOf<{ email: string; name: string; password: string; is_admin: boolean }>()(
    Type.Object(
      {
        email: Type.String({ maxLength: 254 }),
        name: Type.String({ maxLength: 200 }),
        password: Type.String({ maxLength: 8192 }),
        is_admin: Type.Boolean(),
      },
      strict,
    ),
  ),
  run: (installation, { email, name, password, is_admin: isAdmin }) =>
    asked(installation, async ({ verbs, permissions }) => {
      const [role] = permissions.administratorRoles;
      const account = await verbs.create(actor, {
        email,
        name: name === "" ? undefined : name,
        password,
        ...(isAdmin && role !== undefined && { roles: ["user", role] }),
      });
      return adminAccountOf(account);
    }),
};

export const setAccountStatus: Operation<
  { readonly account: string; readonly is_active: boolean },
  AdminAccount
> = {
  name: "users-status",
  input: schemaOf<{ account: string; is_active: boolean }>()(
    Type.Object({ ...named, is_active: Type.Boolean() }, strict),
  ),
  run: (installation, { account, is_active: isActive }) =>
    asked(installation, async ({ verbs }) => {
      const { id } = await verbs.find(account);
      return adminAccountOf(await (isActive ? verbs.enable(actor, id) : verbs.disable(actor, id)));
    }),
};

export const setAccountRoles: Operation<
  { readonly account: string; readonly roles: readonly string[] },
  AdminAccount
> = {
  name: "users-roles",
  input: schemaOf<{ account: string; roles: string[] }>()(
    Type.Object({ ...named, roles: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 16 }) }, strict),
  ),
  run: (installation, { account, roles }) =>
    asked(installation, async ({ verbs }) => {
      const { id } = await verbs.find(account);
      return adminAccountOf(await verbs.setRoles(actor, id, roles));
    }),
};

export const removeAccount: Operation<{ readonly account: string }, { id: string; deleted: true }> = {
  name: "users-delete",
  input: schemaOf<{ account: string }>()(Type.Object(named, strict)),
  run: (installation, { account }) =>
    asked(installation, async ({ verbs }) => {
      const { id } = await verbs.find(account);
      await verbs.remove(actor, id);
      return { id, deleted: true };
    }),
};

export const endAccountSessions: Operation<
  { readonly account: string; readonly sid: string | null },
  { id: string; ended: true }
> = {
  name: "sessions-end",
  input: schemaOf<{ account: string; sid: string | null }>()(
    Type.Object({ ...named, sid: Type.Union([Type.String({ maxLength: 64 }), Type.Null()]) }, strict),
  ),
  run: (installation, { account, sid }) =>
    asked(installation, async ({ verbs }) => {
      const { id } = await verbs.find(account);
      await (sid === null ? verbs.endSessions(actor, id) : verbs.endSession(actor, id, sid));
      return { id, ended: true };
    }),
};

export const sendReset: Operation<{ readonly account: string }, { id: string; email: string }> = {
  name: "users-reset",
  input: schemaOf<{ account: string }>()(Type.Object(named, strict)),
  run: (installation, { account }) =>
    asked(installation, async ({ verbs }) => {
      const { id, email } = await verbs.find(account);
      await verbs.sendReset(actor, id);
      return { id, email };
    }),
};

type Verbs = Awaited<ReturnType<Installation["administration"]>>;

/** A refusal of the service is a sentence for the operator; `unknown` says so of what is not there. */
export async function asked<Result>(
  installation: Installation,
  work: (verbs: Verbs) => Promise<Result>,
  unknown = "there is no such account, or no such session of it",
): Promise<Result> {
  const verbs = await installation.administration();
  try {
    return await work(verbs);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const sentence = error.code === "not_found" ? unknown : (error.detail ?? error.message);
    throw new OperationRefused(sentence, { cause: error });
  }
}

/** As addresses are stored, whether or not it is a whole one. */
function keyOf(beginning: string): string {
  return beginning.includes("@") ? addressKeyOf(beginning) : beginning.normalize("NFKC").toLowerCase();
}
