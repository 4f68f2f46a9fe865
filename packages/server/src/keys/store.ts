// The signing keys at rest: their states, their dates, and the sealed keys that only the services
// can open.

import type { Kysely, Selectable } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Change, Database } from "../database/database.ts";
import type { KeysInUse, NewKey, SigningKeyState, StoredKey } from "./stored-key.ts";
import type { SigningKeysTable, Tables } from "../database/tables.ts";

export type KeyChange = "changed" | "conflict";

export type KeyRevocationOutcome =
  | { readonly outcome: "revoked"; readonly wasState: SigningKeyState }
  | { readonly outcome: "already_revoked" }
  | { readonly outcome: "unknown" };

/**
 * The verbs of the key states: pending → active → retiring → retired.
 *
 * Two unique indexes hold at most one pending and at most one active key. Changes are rare, so each
 * first takes the journal's lock, and then finds the keys as the caller has read them, or answers
 * `conflict` and changes nothing.
 */
export interface SigningKeyStore {
  /** The pending, the active and the retiring keys, oldest first. */
  inUse(): Promise<KeysInUse>;
  /** Every key there ever was, oldest first. */
  all(): Promise<StoredKey[]>;
  /** Makes `key` the active one where there is none: of many instances at once, one succeeds. */
  createFirst(key: NewKey): Promise<KeyChange>;
  /**
   * Publishes `key` as pending, to be promoted not before `publishSeconds` from now. A pending key
   * that it replaces has never signed anything and retires at once.
   */
  stage(
    key: NewKey,
    options: { publishSeconds: number; replaces: string | undefined; origin?: Origin },
  ): Promise<KeyChange>;
  /**
   * Makes the pending key the active one; the active one retires after `keepSeconds`.
   * Unless `early`, only once the pending key was published for as long as its stage said.
   */
  promote(options: {
    pending: string;
    active: string;
    keepSeconds: number;
    early: boolean;
    origin?: Origin;
  }): Promise<KeyChange>;
  /** Retires every retiring key whose last token is dead, and erases it. Returns their ids. */
  retireDue(): Promise<string[]>;
  /**
   * Ends all trust in a key, in whatever state it is, and tells the verifiers through the feed. If
   * it was the active one, the pending key signs from now on, or else `successor`.
   */
  revoke(kid: string, successor: NewKey, origin?: Origin): Promise<KeyRevocationOutcome>;
  /** Writes down that a secret left this installation. */
  recordExport(kid: string, origin?: Origin): Promise<void>;
}

export function createSigningKeyStore(database: Database): SigningKeyStore {
  const { now, dialect } = database;

  /** One change of the keys at a time, over all instances. */
  function changeKeys<T>(work: (change: Change) => Promise<T>): Promise<T> {
    return database.change(async (change) => {
      await change.db
        .selectFrom("journal")
        .select("id")
        .$if(dialect === "postgres", (query) => query.forUpdate())
        .execute();
      return work(change);
    });
  }

  async function insert(
    db: Kysely<Tables>,
    { kid, algorithm, sealed }: NewKey,
    state: "pending" | "active",
    publishMs: number,
  ): Promise<boolean> {
    const inserted = await db
      .insertInto("signing_keys")
      .values((value) => ({
        kid,
        algorithm,
        state,
        sealed,
        created_at: now(),
        promote_at: value(now(), "+", publishMs),
        activated_at: state === "active" ? now() : null,
      }))
      .onConflict((conflict) => conflict.doNothing())
      .returning("kid")
      .execute();
    return inserted.length === 1;
  }

  function activate(db: Kysely<Tables>) {
    return db.updateTable("signing_keys").set({ state: "active", activated_at: now() }).returning("kid");
  }

  function retire(db: Kysely<Tables>) {
    return db
      .updateTable("signing_keys")
      .set((set) => ({
        state: "retired",
        retired_at: set.fn.coalesce("retired_at", now()),
        sealed: null,
      }))
      .returning("kid");
  }

  return {
    async inUse() {
      const rows = await database.db
        .selectFrom("journal")
        .leftJoin("signing_keys", (join) => join.on("signing_keys.state", "<>", "retired"))
        .selectAll("signing_keys")
        .select(now().as("now"))
        .orderBy("signing_keys.created_at")
        .orderBy("signing_keys.kid")
        .execute();
      const keys: StoredKey[] = [];
      for (const { now: _now, ...row } of rows) if (isRow(row)) keys.push(storedKey(row));
      return { nowMs: rows[0]?.now ?? 0, keys };
    },

    async all() {
      const rows = await database.db
        .selectFrom("signing_keys")
        .selectAll()
        .orderBy("created_at")
        .orderBy("kid")
        .execute();
      return rows.map(storedKey);
    },

    async createFirst(key) {
      return changeKeys(async ({ db, record }) => {
        const inserted = await insert(db, key, "active", 0);
        if (inserted) record({ event: "key_created", detail: describe(key) });
        return inserted ? "changed" : "conflict";
      });
    },

    async stage(key, options) {
      const { publishSeconds, replaces, origin = {} } = options;
      return changeKeys(async ({ db, record }) => {
        if (replaces !== undefined) {
          const retired = await retire(db)
            .where("kid", "=", replaces)
            .where("state", "=", "pending")
            .execute();
          if (retired.length === 0) return "conflict";
          record({ event: "key_retired", ...origin, detail: { kid: replaces } });
        }
        if (!(await insert(db, key, "pending", publishSeconds * 1000))) return "conflict";
        record({ event: "key_staged", ...origin, detail: describe(key) });
        return "changed";
      });
    },

    async promote({ pending, active, keepSeconds, early, origin = {} }) {
      return changeKeys(async ({ db, record }) => {
        const due = db
          .selectFrom("signing_keys as other")
          .select("other.kid")
          .where("other.kid", "=", pending)
          .where("other.state", "=", "pending")
          .$if(!early, (query) => query.where("other.promote_at", "<=", now()));
        const retiring = await db
          .updateTable("signing_keys")
          .set((set) => ({ state: "retiring", keep_until: set(now(), "+", keepSeconds * 1000) }))
          .where("kid", "=", active)
          .where("state", "=", "active")
          .where((where) => where.exists(due))
          .returning("kid")
          .execute();
        if (retiring.length === 0) return "conflict";
        await activate(db).where("kid", "=", pending).execute();
        record({ event: "key_activated", ...origin, detail: { kid: pending, retiring: active } });
        return "changed";
      });
    },

    async retireDue() {
      return changeKeys(async ({ db, record }) => {
        const retired = await retire(db)
          .where("state", "=", "retiring")
          .where("keep_until", "<=", now())
          .execute();
        for (const { kid } of retired) record({ event: "key_retired", detail: { kid } });
        return retired.map(({ kid }) => kid);
      });
    },

    async revoke(kid, successor, origin = {}) {
      return changeKeys(async ({ db, record, revoke }) => {
        const key = await db
          .selectFrom("signing_keys")
          .select(["state", "revoked_at"])
          .where("kid", "=", kid)
          .executeTakeFirst();
        if (key === undefined) return { outcome: "unknown" };
        if (key.revoked_at !== null) return { outcome: "already_revoked" };
        await retire(db).set({ revoked_at: now() }).where("kid", "=", kid).execute();
        record({ event: "key_revoked", ...origin, detail: { kid, state: key.state } });
        revoke({ kid });
        if (key.state === "active") {
          const promoted = await activate(db).where("state", "=", "pending").executeTakeFirst();
          if (promoted === undefined) await insert(db, successor, "active", 0);
          const signing = promoted?.kid ?? successor.kid;
          record({ event: "key_activated", ...origin, detail: { kid: signing, retiring: null } });
        }
        return { outcome: "revoked", wasState: key.state };
      });
    },

    async recordExport(kid, origin = {}) {
      await database.record({ event: "key_exported", ...origin, detail: { kid } });
    },
  };
}

type Row = Selectable<SigningKeysTable>;

function isRow(row: { [Name in keyof Row]: Row[Name] | null }): row is Row {
  return row.kid !== null;
}

function describe({ kid, algorithm }: NewKey): { kid: string; algorithm: string } {
  return { kid, algorithm };
}

function storedKey(row: Row): StoredKey {
  return {
    kid: row.kid,
    algorithm: row.algorithm,
    state: row.state,
    sealed: row.sealed ?? undefined,
    createdAtMs: row.created_at,
    promoteAtMs: row.promote_at,
    activatedAtMs: row.activated_at ?? undefined,
    keepUntilMs: row.keep_until ?? undefined,
    retiredAtMs: row.retired_at ?? undefined,
    revokedAtMs: row.revoked_at ?? undefined,
  };
}
