// What the worker makes of a notice: its words, and the link with which its reader can do something about it.
import type { OneTimeCodes } from "../one-time-codes/one-time-codes.ts";
import type { FactorName, Letter, MailPurpose } from "./letter.ts";
import type { ClaimedMail } from "./outbox-store.ts";

/** Makes a letter of a row; undefined where there is nothing to send any more. */
export type Prepare = (mail: ClaimedMail) => Promise<Letter | undefined>;

export type NoticePurpose = Exclude<
  MailPurpose,
  "verify_address" | "confirm_address" | "reset_password" | "invitation" | "address_taken"
>;

const linkLifetimeMs = 7 * 86_400_000;

export function createNoticeLetters(
  codes: Pick<OneTimeCodes, "makeLink">,
): Readonly<Record<NoticePurpose, Prepare>> {
  const addressed = ({ content, locale }: ClaimedMail) => ({ to: content.to, locale });
  const factor = ({ content }: ClaimedMail) => ({
    factor: textOf(content, "factor") as FactorName,
    atMs: timeOf(content),
  });

  return {
    async new_device(mail) {
      const { content, userId } = mail;
      const token = await codes.makeLink({
        purpose: "disown_session",
        addressKey: content.addressKey,
        userId,
        subject: textOf(content, "sid") ?? undefined,
        lifetimeMs: linkLifetimeMs,
      });
      const values = {
        device: { browser: textOf(content, "browser"), system: textOf(content, "system") },
        networkAddress: textOf(content, "networkAddress"),
        atMs: timeOf(content),
        token,
      };
      return { ...addressed(mail), purpose: "new_device", values };
    },

    async address_changed(mail) {
      const { content, userId } = mail;
      const changeId = textOf(content, "changeId");
      // That the change can be undone for 7 days, its own row says; the link lives no shorter.
      const token =
        changeId === null
          ? undefined
          : await codes.makeLink({
              purpose: "undo_address",
              addressKey: content.addressKey,
              userId,
              subject: changeId,
              lifetimeMs: linkLifetimeMs,
            });
      const values = { atMs: timeOf(content), token };
      return { ...addressed(mail), purpose: "address_changed", values };
    },

    password_changed: async (mail) => ({
      ...addressed(mail),
      purpose: "password_changed",
      values: { atMs: timeOf(mail.content) },
    }),
    address_restored: async (mail) => ({
      ...addressed(mail),
      purpose: "address_restored",
      values: { atMs: timeOf(mail.content) },
    }),
    factor_added: async (mail) => ({ ...addressed(mail), purpose: "factor_added", values: factor(mail) }),
    factor_removed: async (mail) => ({
      ...addressed(mail),
      purpose: "factor_removed",
      values: factor(mail),
    }),
    test: async (mail) => ({ ...addressed(mail), purpose: "test", values: {} }),
  };
}

function textOf({ details }: ClaimedMail["content"], name: string): string | null {
  const value = details?.[name];
  return typeof value === "string" ? value : null;
}

function timeOf({ details }: ClaimedMail["content"]): number {
  const value = details?.["atMs"];
  return typeof value === "number" ? value : 0;
}
