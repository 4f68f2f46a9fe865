// Finding accounts among many: every page costs about the same, however many there are.
import { type SelectQueryBuilder, sql, type SqlBool } from "kysely";
import type { AccountPage, AccountPlace, AccountQuery } from "./account-query.ts";
import { accountColumns, accountOf } from "../accounts/rows.ts";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";

export interface AccountSearch {
  /**
   * By age, and by the beginning of an address, an index answers. By a part of it, each page reads
   * at most `rowsPerPage` accounts, newest first, and says where it stopped.
   */
  search(options: {
    readonly query: AccountQuery;
    readonly after?: AccountPlace | undefined;
    readonly limit: number;
  }): Promise<AccountPage>;
}

/** Some milliseconds of work. */
const defaultRowsPerPage = 5000;

const columns = [...accountColumns, "email_key"] as const;
const placeColumns = ["created_at", "id", "email_key"] as const;

type Accounts<Row> = SelectQueryBuilder<Tables, "users", Row>;

export function createAccountSearch(
  database: Database,
  rowsPerPage: number = defaultRowsPerPage,
): AccountSearch {
  const { db, dialect } = database;
  // Compared byte by byte: only then is what begins alike a range. The index `users_by_address` has that order.
  const emailKey = dialect === "sqlite" ? sql<string>`email_key` : sql<string>`email_key collate "C"`;
  const position = dialect === "sqlite" ? sql`instr` : sql`strpos`;

  function newestFirst<Row>(query: Accounts<Row>, after: AccountPlace | undefined): Accounts<Row> {
    const ordered = query.orderBy("created_at", "desc").orderBy("id", "desc");
    if (after === undefined) return ordered;
    const { createdAtMs, id } = after;
    return ordered.where((on) => on(on.refTuple("created_at", "id"), "<", on.tuple(createdAtMs, id)));
  }

  async function byPart(text: string, after: AccountPlace | undefined, limit: number): Promise<AccountPage> {
    const bound = placeOf(
      await newestFirst(db.selectFrom("users").select(placeColumns), after)
        .offset(rowsPerPage - 1)
        .limit(1)
        .executeTakeFirst(),
    );
    const rows = await newestFirst(db.selectFrom("users").select(columns), after)
      .$if(bound !== undefined, (query) =>
        query.where((on) =>
          on(on.refTuple("created_at", "id"), ">=", on.tuple(bound?.createdAtMs ?? 0, bound?.id ?? "")),
        ),
      )
      .where(sql<SqlBool>`${position}(email_key, ${text}) > 0`)
      .limit(limit)
      .execute();
    return { accounts: rows.map(accountOf), end: rows.length < limit ? bound : placeOf(rows.at(-1)) };
  }

  return {
    async search({ query, after, limit }) {
      if (query.by === "part") return byPart(query.text, after, limit);
      const users = db.selectFrom("users").select(columns).limit(limit);
      const rows =
        query.by === "age"
          ? await newestFirst(users, after).execute()
          : await users
              .where(emailKey, ">=", query.text)
              // No address has the greatest code point in it.
              .where(emailKey, "<", `${query.text}\u{10FFFF}`)
              .$if(after !== undefined, (more) => more.where(emailKey, ">", after?.emailKey ?? ""))
              .orderBy(emailKey)
              .execute();
      return { accounts: rows.map(accountOf), end: rows.length < limit ? undefined : placeOf(rows.at(-1)) };
    },
  };
}

function placeOf(
  row: { readonly created_at: number; readonly id: string; readonly email_key: string } | undefined,
): AccountPlace | undefined {
  return row && { createdAtMs: row.created_at, id: row.id, emailKey: row.email_key };
}
