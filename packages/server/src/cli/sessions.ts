// countersign sessions: where an account is logged in, and the end of it.
import { endAccountSessions, showAccount } from "../operations/users.ts";
import { ConfigError } from "../errors.ts";
import { accountOperand, type Group } from "./command.ts";
import { installationOptions, installationText, withInstallation } from "./installation.ts";
import { printResult, table } from "./printing.ts";

export const sessions: Group = {
  summary: "Show where an account is logged in, and log it out",
  examples: [
    "countersign sessions list ada@example.com",
    "countersign sessions end ada@example.com SESSION",
    "countersign sessions end ada@example.com --all",
  ],
  options: installationOptions,
  optionsText: installationText,
  verbs: {
    list: {
      summary: "the sessions of an account that are not over",
      operands: [accountOperand],
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          const [account = ""] = asked.operands;
          const { sessions: found } = await installation.ask(showAccount, { account });
          const rows = found.map(({ id, kind, address, created_at: since, last_used_at: used }) => [
            id,
            kind,
            address ?? "",
            since,
            used,
          ]);
          const text =
            rows.length === 0
              ? "It is logged in nowhere.\n"
              : table(["SESSION", "KIND", "FROM", "SINCE", "LAST USED"], rows);
          await printResult(asked, context, found, text);
        }),
    },
    end: {
      summary: "end one session of an account, or all; every verifier hears of it within a second",
      text: ["With --all, no device of the account is known any more, either."],
      operands: [
        accountOperand,
        { name: "SESSION", summary: "as `sessions list` names it", isOptional: true },
      ],
      flags: { all: { summary: "every session of the account" } },
      async run(asked, context) {
        const [account = "", sid] = asked.operands;
        if ((sid !== undefined) === asked.flags.has("all"))
          throw new ConfigError(["say which session, or --all"]);
        await withInstallation(asked, context, async (installation) => {
          const done = await installation.ask(endAccountSessions, { account, sid: sid ?? null });
          const text = sid === undefined ? "It is logged out everywhere.\n" : "That session has ended.\n";
          await printResult(asked, context, done, text);
        });
      },
    },
  },
};
