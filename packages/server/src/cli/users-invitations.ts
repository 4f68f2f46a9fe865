// countersign users invite, invitations and uninvite: who may make an account.
import { locales } from "../mail/locale.ts";
import { inviteSomebody, listInvitations, revokeInvitation } from "../operations/invitations.ts";
import { ConfigError } from "../errors.ts";
import type { Verb } from "./command.ts";
import { withInstallation } from "./installation.ts";
import { printResult, table } from "./printing.ts";

export const invite: Verb = {
  summary: "send somebody a mail with which they make an account; again, if they have one already",
  flags: {
    email: { summary: "the address that the account will have", value: "ADDRESS" },
    role: { summary: "what it may be beside `user`; several with commas", value: "ROLES" },
    locale: { summary: `the language of the mail: ${locales.join(" or ")}`, value: "LANGUAGE" },
  },
  async run(asked, context) {
    const { email = "", role = "", locale: language = "en" } = asked.values;
    const locale = locales.find((known) => known === language);
    if (email === "") throw new ConfigError(["say whom to invite: --email ADDRESS"]);
    if (locale === undefined) throw new ConfigError([`--locale must be ${locales.join(" or ")}`]);
    const roles = role.split(",").filter((name) => name !== "");
    await withInstallation(asked, context, async (installation) => {
      const sent = await installation.ask(inviteSomebody, { email, roles, locale });
      await printResult(
        asked,
        context,
        sent,
        `A mail to ${sent.email} waits for a server to send it. It can be used until ${sent.expires_at}.\n`,
      );
    });
  },
};

export const invitations: Verb = {
  summary: "who was invited and has no account yet, newest first",
  run: (asked, context) =>
    withInstallation(asked, context, async (installation) => {
      const rows: string[][] = [];
      await installation.ask(
        listInvitations,
        {},
        {
          onItem: async (invitation) => {
            const { id, email, roles, invited_by: by, expires_at: until } = invitation;
            if (asked.isJson) await context.print(`${JSON.stringify(invitation)}\n`);
            else rows.push([id, email, roles.join(","), by ?? "command line", until]);
          },
        },
      );
      if (!asked.isJson) await context.print(table(["ID", "EMAIL", "ROLES", "BY", "UNTIL"], rows));
    }),
};

export const uninvite: Verb = {
  summary: "take an invitation back; its links are dead from then on",
  operands: [{ name: "INVITATION", summary: "its id, or its address" }],
  run: (asked, context) =>
    withInstallation(asked, context, async (installation) => {
      const [invitation = ""] = asked.operands;
      const done = await installation.ask(revokeInvitation, { invitation });
      await printResult(asked, context, done, `${done.email} is not invited any more.\n`);
    }),
};
