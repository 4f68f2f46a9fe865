// The posts in the database, beside the accounts that wrote them.
import { type Generated, type Kysely, PostgresAdapter, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";

export interface Post {
  readonly id: number;
  readonly author_id: string;
  readonly title: string;
  readonly content: string;
  readonly created_at: string;
}

type Tables = {
  posts: { id: Generated<number>; author_id: string; title: string; content: string; created_at: string };
};

export interface PostsPage {
  readonly posts: readonly Post[];
  /** Where the next page begins, for `?before=`; null on the last one. */
  readonly next_before: string | null;
}

export interface Posts {
  /** Newest first. */
  page(limit: number, before: number | undefined): Promise<PostsPage>;
  find(id: number): Promise<Post | undefined>;
  add(post: Pick<Post, "author_id" | "title" | "content">): Promise<Post>;
  /** One statement decides whether it is the asker's to delete. */
  remove(id: number, asker: { readonly id: string; readonly isAdmin: boolean }): Promise<boolean>;
}

export async function openPosts(database: Kysely<unknown>): Promise<Posts> {
  await migrate(database);
  const db = database.withTables<Tables>();
  return {
    async page(limit, before) {
      const rows = await db
        .selectFrom("posts")
        .selectAll()
        .$if(before !== undefined, (query) => query.where("id", "<", before ?? 0))
        .orderBy("id", "desc")
        .limit(limit + 1)
        .execute();
      const posts = rows.slice(0, limit);
      return { posts, next_before: rows.length > limit ? String(posts.at(-1)?.id) : null };
    },
    find: (id) => db.selectFrom("posts").selectAll().where("id", "=", id).executeTakeFirst(),
    add: (post) =>
      db
        .insertInto("posts")
        .values({ ...post, created_at: new Date().toISOString() })
        .returningAll()
        .executeTakeFirstOrThrow(),
    async remove(id, asker) {
      const { numDeletedRows } = await db
        .deleteFrom("posts")
        .where("id", "=", id)
        .$if(!asker.isAdmin, (query) => query.where("author_id", "=", asker.id))
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

const migrations: Readonly<Record<string, Migration>> = {
  "0001-posts": {
    up: (db) =>
      db.schema
        .createTable("posts")
        .$call((table) =>
          isPostgres(db)
            ? table.addColumn("id", "bigint", (column) => column.primaryKey().generatedAlwaysAsIdentity())
            : table.addColumn("id", "integer", (column) => column.primaryKey().autoIncrement()),
        )
        .addColumn("author_id", "text", (column) =>
          column.notNull().references("users.id").onDelete("cascade"),
        )
        .addColumn("title", "text", (column) => column.notNull())
        .addColumn("content", "text", (column) => column.notNull())
        .addColumn("created_at", "text", (column) => column.notNull().check(sql`created_at <> ''`))
        .execute(),
  },
};

/** The two databases say differently that they choose the ids, and an `integer` of PostgreSQL has nine digits. */
function isPostgres(db: Kysely<unknown>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

async function migrate(database: Kysely<unknown>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => migrations },
    migrationTableName: "posts_migrations",
    migrationLockTableName: "posts_migrations_lock",
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
