// countersign users: the operator's hand on the accounts.
import type { AdminAccount, SessionResponse } from "@countersign/client";
import {
  createAccount,
  listAccounts,
  removeAccount,
  sendReset,
  setAccountRoles,
  setAccountStatus,
  showAccount,
} from "../operations/users.ts";
import { ConfigError } from "../errors.ts";
import { accountOperand, type Group, yesFlag } from "./command.ts";
import { accountOptions, installationText, withInstallation } from "./installation.ts";
import { confirm, printResult, table } from "./printing.ts";
import { readSecretLine } from "./secret-input.ts";
import { invitations, invite, uninvite } from "./users-invitations.ts";
import { exportUsers, importUsers } from "./users-transfer.ts";

export const users: Group = {
  summary: "Make, invite, find, disable and remove accounts, give roles, move accounts in and out",
  examples: [
    "printf '%s\\n' \"$PASSWORD\" | countersign users create --admin --email ada@example.com --password-stdin",
    "countersign users invite --email ada@example.com",
    "countersign users list --email ada",
    "countersign users disable ada@example.com",
    "countersign users reset ada@example.com",
    "countersign users roles ada@example.com --set user,editor",
    "countersign users import --dry-run accounts.jsonl",
    "countersign users export > accounts.jsonl",
    "countersign users delete ada@example.com --yes",
  ],
  options: accountOptions,
  optionsText: installationText,
  verbs: {
    create: {
      summary: "make an account; its password is a line on standard input",
      flags: {
        email: { summary: "the address that its owner logs in with", value: "ADDRESS" },
        name: { summary: "what its owner is called", value: "TEXT" },
        admin: { summary: "it may do everything below /admin, too" },
        "password-stdin": {
          summary: "read the password from standard input; there is no other way to give it",
        },
      },
      async run(asked, context) {
        const email = asked.values["email"] ?? "";
        if (email === "" || !asked.flags.has("password-stdin"))
          throw new ConfigError([
            "say --email ADDRESS and --password-stdin, and put the password on standard input",
          ]);
        const password = await readSecretLine(context, "password");
        await withInstallation(asked, context, async (installation) => {
          const name = asked.values["name"] ?? "";
          const made = await installation.ask(createAccount, {
            email,
            name,
            password,
            is_admin: asked.flags.has("admin"),
          });
          await printResult(asked, context, made, `${made.email} has the account ${made.id}.\n`);
        });
      },
    },
    list: {
      summary: "every account, newest first, or those whose address begins as you say",
      flags: { email: { summary: "how the address begins", value: "TEXT" } },
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          // With --json a line each, as they come: there may be a million.
          const rows: string[][] = [];
          await installation.ask(
            listAccounts,
            { email: asked.values["email"] ?? "" },
            {
              onItem: async (account) => {
                if (asked.isJson) await context.print(`${JSON.stringify(account)}\n`);
                else rows.push(rowOf(account));
              },
            },
          );
          if (!asked.isJson) await context.print(table(["ID", "EMAIL", "STATUS", "ROLES", "SINCE"], rows));
        }),
    },
    show: {
      summary: "an account, and where it is logged in",
      operands: [accountOperand],
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          const [account = ""] = asked.operands;
          const found = await installation.ask(showAccount, { account });
          const sessions = found.sessions.map(sessionRow);
          const text =
            table(["ID", "EMAIL", "STATUS", "ROLES", "SINCE"], [rowOf(found)]) +
            (sessions.length === 0
              ? "It is logged in nowhere.\n"
              : `\n${table(["SESSION", "KIND", "FROM", "LAST USED"], sessions)}`);
          await printResult(asked, context, found, text);
        }),
    },
    disable: {
      summary: "end all sessions of an account; nobody logs in to it until it is enabled",
      operands: [accountOperand],
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          const [account = ""] = asked.operands;
          const done = await installation.ask(setAccountStatus, { account, is_active: false });
          await printResult(asked, context, done, `${done.email} is disabled, and logged out everywhere.\n`);
        }),
    },
    enable: {
      summary: "let people log in to an account again",
      operands: [accountOperand],
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          const [account = ""] = asked.operands;
          const done = await installation.ask(setAccountStatus, { account, is_active: true });
          await printResult(asked, context, done, `${done.email} is enabled.\n`);
        }),
    },
    roles: {
      summary: "set the roles of an account",
      operands: [accountOperand],
      flags: { set: { summary: "all that it has from now on, with commas", value: "ROLES" } },
      async run(asked, context) {
        const [account = ""] = asked.operands;
        const text = asked.values["set"];
        if (text === undefined)
          throw new ConfigError(["say all roles that it is to have: --set user,editor"]);
        const roles = text.split(",").filter((role) => role !== "");
        await withInstallation(asked, context, async (installation) => {
          const done = await installation.ask(setAccountRoles, { account, roles });
          await printResult(asked, context, done, `${done.email} has the roles ${done.roles.join(", ")}.\n`);
        });
      },
    },
    reset: {
      summary: "send the owner of an account a mail that leads to a new password",
      operands: [accountOperand],
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          const [account = ""] = asked.operands;
          const done = await installation.ask(sendReset, { account });
          await printResult(asked, context, done, `A mail to ${done.email} waits for a server to send it.\n`);
        }),
    },
    invite,
    invitations,
    uninvite,
    import: importUsers,
    export: exportUsers,
    delete: {
      summary: "remove an account and all that is its own; the audit trail keeps its id",
      operands: [accountOperand],
      flags: { yes: yesFlag },
      async run(asked, context) {
        const [account = ""] = asked.operands;
        await confirm(asked, context, `The account ${account} will be gone, with all that is its own.`);
        await withInstallation(asked, context, async (installation) => {
          const done = await installation.ask(removeAccount, { account });
          await printResult(asked, context, done, `The account ${done.id} is gone.\n`);
        });
      },
    },
  },
};

function rowOf({ id, email, status, roles, created_at: since }: AdminAccount): string[] {
  return [id, email, status, roles.join(","), since];
}

function sessionRow({ id, kind, address, last_used_at: used }: SessionResponse): string[] {
  return [id, kind, address ?? "", used];
}
