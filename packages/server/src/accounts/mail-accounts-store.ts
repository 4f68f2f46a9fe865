// The accounts as mail sees them: looked up only when a mail is about to be sent.

import type { Database } from "../database/database.ts";
import { knownLocale } from "../mail/locale.ts";
import type { MailAccount, MailAccounts } from "../mail/requested-letters.ts";

export function createMailAccounts({ db }: Pick<Database, "db">): MailAccounts {
  async function find(column: "id" | "email_key", value: string): Promise<MailAccount | undefined> {
    const row = await db
      .selectFrom("users")
      .select(["id", "email", "email_key", "locale", "status", "email_verified_at", "password_version"])
      .where(column, "=", value)
      .executeTakeFirst();
    return (
      row && {
        userId: row.id,
        address: row.email,
        addressKey: row.email_key,
        locale: knownLocale(row.locale),
        isActive: row.status === "active",
        isProved: row.email_verified_at !== null,
        passwordVersion: row.password_version,
      }
    );
  }

  return {
    at: (addressKey) => find("email_key", addressKey),
    get: (userId) => find("id", userId),
  };
}
