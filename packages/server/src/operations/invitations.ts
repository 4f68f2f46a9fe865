// The operator's hand on invitations.
import type { AdminInvitation } from "@countersign/client";
import Type from "typebox";
import { rolesOfNewAccounts } from "../accounts/account.ts";
import { adminInvitationOf } from "../admin/invitation-reply.ts";
import type { InvitationPlace } from "../invitations/store.ts";
import { schemaOf, strict } from "../http/schema.ts";
import type { Locale } from "../mail/locale.ts";
import { type Operation, operator } from "./operation.ts";
import { asked } from "./users.ts";

const actor = { operator: operator.actorId } as const;
const pageRows = 500;

export const inviteSomebody: Operation<
  { readonly email: string; readonly roles: readonly string[]; readonly locale: Locale },
  AdminInvitation
> = {
  name: "users-invite",
  input: schemaOf<{ email: string; roles: string[]; locale: Locale }>()(
    Type.Object(
      {
        email: Type.String({ maxLength: 254 }),
        roles: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 16 }),
        locale: Type.Union([Type.Literal("en"), Type.Literal("de")]),
      },
      strict,
    ),
  ),
  run: (installation, { email, roles: more, locale }) =>
    asked(installation, async ({ inviting }) => {
      const roles = [...new Set([...rolesOfNewAccounts, ...more])];
      return adminInvitationOf(await inviting.invite(actor, { email, roles, locale }));
    }),
};

/** As items, newest first. */
export const listInvitations: Operation<Record<never, never>, { found: number }, AdminInvitation> = {
  name: "users-invitations",
  input: schemaOf<Record<never, never>>()(Type.Object({}, strict)),
  async run(installation, _input, { send, signal }) {
    const { inviting } = await installation.administration();
    let found = 0;
    let after: InvitationPlace | undefined;
    do {
      const page = await inviting.list({ after, limit: pageRows });
      for (const invitation of page) await send(adminInvitationOf(invitation));
      found += page.length;
      after = page.length < pageRows ? undefined : page.at(-1);
    } while (after !== undefined && !signal.aborted);
    return { found };
  },
};

export const revokeInvitation: Operation<{ readonly invitation: string }, AdminInvitation> = {
  name: "users-uninvite",
  input: schemaOf<{ invitation: string }>()(
    Type.Object({ invitation: Type.String({ minLength: 1, maxLength: 254 }) }, strict),
  ),
  run: (installation, { invitation }) =>
    asked(
      installation,
      async ({ inviting }) => adminInvitationOf(await inviting.revoke(actor, invitation)),
      "there is no such invitation that could still be used",
    ),
};
