// The administrators of an installation: it never loses its last one.
import { type Expression, type ExpressionBuilder, sql, type SqlBool } from "kysely";
import type { Change, Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import { rolesOfNewAccounts } from "./account.ts";

export interface Standing {
  readonly roles: readonly string[];
  readonly status: "active" | "disabled";
}

export interface Administrators {
  /** Whether an account with these roles may do everything, and log in. */
  isOne(standing: Standing): boolean;
  /**
   * Until the commit nobody else makes or unmakes an administrator. Called when the accounts in
   * question are held, so that nobody who holds this waits for them.
   */
  hold(change: Change): Promise<void>;
  /** Whether there is one at this moment. */
  areThere(): Promise<boolean>;
  /** Whether there is one, other than the account `exceptId`. Holds until the commit only after `hold`. */
  exist(on: ExpressionBuilder<Tables, keyof Tables>, exceptId?: string): Expression<SqlBool>;
}

/** Any constant that other programs on the same PostgreSQL are unlikely to lock; it spells "admi". */
const advisoryLock = 0x61_64_6d_69;

/** The roles of nearly every account. The index `users_with_roles` holds those with others. */
const usualRoles = JSON.stringify(rolesOfNewAccounts);

/** `roles`: each of them may do everything. Without one, nobody is an administrator and nobody is protected. */
export function createAdministrators(database: Database, roles: readonly string[]): Administrators {
  const { dialect } = database;

  const administrators: Administrators = {
    isOne: (account) => account.status === "active" && account.roles.some((role) => roles.includes(role)),

    async hold({ db }) {
      if (dialect === "postgres")
        await sql`select pg_advisory_xact_lock(${sql.lit(advisoryLock)})`.execute(db);
    },

    async areThere() {
      const row = await database.db
        .selectFrom("journal")
        .select("journal.audit_seq")
        .where((on) => administrators.exist(on as unknown as ExpressionBuilder<Tables, keyof Tables>))
        .executeTakeFirst();
      return row !== undefined;
    },

    exist(on, exceptId) {
      const column = sql.ref("administrator.roles");
      // The text is an array of words without quotes, so a role in quotes is that role.
      const has = (role: string) => {
        const word = JSON.stringify(role);
        return dialect === "sqlite"
          ? sql<SqlBool>`instr(${column}, ${word}) > 0`
          : sql<SqlBool>`strpos(${column}, ${word}) > 0`;
      };
      return on.exists(
        on
          .selectFrom("users as administrator")
          .select("administrator.id")
          // Written out, as the index is asked for by the same text.
          .where(sql<SqlBool>`${column} <> ${sql.lit(usualRoles)}`)
          .where("administrator.status", "=", "active")
          .where((at) => at.or(roles.map(has)))
          .$if(exceptId !== undefined, (query) => query.where("administrator.id", "<>", exceptId ?? "")),
      );
    },
  };
  return administrators;
}
