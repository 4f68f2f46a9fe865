// countersign mail: how a mail looks, whether the mail server takes one, and another try for what failed.
import { parseEmailAddress } from "../accounts/email-address.ts";
import { ConfigError } from "../errors.ts";
import { isMailPurpose, mailPurposes } from "../mail/letter.ts";
import { type Locale, knownLocale, locales } from "../mail/locale.ts";
import { createComposeOf, createTransportOf, type MailSettings } from "../mail/mail.ts";
import { sampleLetter } from "../mail/sample-letters.ts";
import { createSendTestMail } from "../mail/test-mail.ts";
import { retryMail, sendTestMail, tryMailServer } from "../operations/mail.ts";
import { type OptionTable, optionTable, pickOptions } from "../settings/options.ts";
import type { Asked, CommandContext, Flag, Group } from "./command.ts";
import { installationOptions, installationText, readSettings, withInstallation } from "./installation.ts";
import { printResult } from "./printing.ts";

/** What a mail and its way depend on. */
const composing: OptionTable = pickOptions(optionTable, (name) =>
  ["issuer", "prefix", "smtpUrl", "mailFrom", "publicUrl"].includes(name),
);

const forms = ["text", "html", "both"] as const;

const languageFlag: Flag = {
  summary: "the language that it is written in; by default en",
  value: "LANGUAGE",
  choices: locales,
};

export const mail: Group = {
  summary: "Look at the mail, try the mail server, and send again what failed",
  examples: [
    "countersign mail preview new_device --language de",
    "countersign mail preview reset_password --as html --issuer https://auth.example.com > mail.html",
    "countersign mail test ada@example.com",
    "countersign mail retry",
  ],
  options: { ...installationOptions, ...composing },
  optionsText: installationText,
  verbs: {
    preview: {
      summary: "print a mail as its reader would get it, with secrets that open nothing",
      operands: [{ name: "PURPOSE", summary: "what it is about", choices: Object.keys(mailPurposes) }],
      flags: {
        language: languageFlag,
        as: { summary: "what of it; by default text", value: "FORM", choices: forms },
      },
      async run(asked, context) {
        const [purpose = ""] = asked.operands;
        if (!isMailPurpose(purpose))
          throw new ConfigError([
            `there is no mail about ${purpose}: say one of ${Object.keys(mailPurposes).join(", ")}`,
          ]);
        const { as: form = "text" } = asked.values;
        const language = languageOf(asked);
        const compose = createComposeOf(readMailSettings(asked, context));
        const { subject, text, html } = compose(sampleLetter(purpose, language, Date.now()));
        const plain = `${subject}\n\n${text}`;
        const shown = form === "html" ? html : form === "both" ? `${plain}\n${html}` : plain;
        await printResult(asked, context, { purpose, language, subject, text, html }, shown);
      },
    },
    test: {
      summary: "send one mail, and say what the mail server answered",
      text: [
        "Through the mail server that --smtp-url-file or COUNTERSIGN_SMTP_URL names. Where neither does, a server that runs on SQLite is asked to send it through its own.",
      ],
      operands: [{ name: "ADDRESS", summary: "where it is to arrive" }],
      flags: { language: languageFlag },
      async run(asked, context) {
        const [operand = ""] = asked.operands;
        const address = parseEmailAddress(operand)?.address;
        if (address === undefined) throw new ConfigError([`${operand} is no address that mail is sent to`]);
        const settings = readMailSettings(asked, context);
        const wanted = { address, language: languageOf(asked) };
        const print = async ({ response }: { readonly response: string }) =>
          printResult(
            asked,
            context,
            { address, response },
            `The mail server has taken the mail to ${address}. It answered: ${response}\n`,
          );
        if (settings.smtpUrl === undefined)
          return withInstallation(asked, context, async (installation) =>
            print(await installation.ask(sendTestMail, wanted)),
          );
        const transport = await createTransportOf(settings);
        if (transport === undefined)
          throw new ConfigError(["say whom mail comes from, too: --mail-from ADDRESS"]);
        const send = createSendTestMail(createComposeOf(settings), transport.deliver);
        await print(await tryMailServer(send, wanted));
      },
    },
    retry: {
      summary: "have mail that is not tried any more sent after all",
      text: [
        "A mail is given up after a day without success, or when the mail server refuses it for good (`mail_failed` in the trail), and forgotten a week later.",
      ],
      run: (asked, context) =>
        withInstallation(asked, context, async (installation) => {
          const done = await installation.ask(retryMail, {});
          const text =
            done.retried === 0
              ? "No mail has failed.\n"
              : `Of what failed, ${done.retried} ${done.retried === 1 ? "mail waits" : "mails wait"} to be sent again.\n`;
          await printResult(asked, context, done, text);
        }),
    },
  },
};

function languageOf({ values }: Asked): Locale {
  return knownLocale(values["language"] ?? "en");
}

/** Where nobody says it, as `serve` has it on this machine. @throws ConfigError */
function readMailSettings({ values }: Asked, { environment }: CommandContext): MailSettings {
  const issuer = values["issuer"] ?? environment["COUNTERSIGN_ISSUER"] ?? "http://127.0.0.1:3001";
  return { ...readSettings(composing, { ...values, issuer }, environment), devMail: false };
}
