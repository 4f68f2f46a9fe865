// Invitations: one for each address, sent by mail, used once, by the transaction that makes the account.
import { type Selectable, sql } from "kysely";
import type { Origin } from "../database/audit-event.ts";
import type { Database } from "../database/database.ts";
import type { InvitationsTable } from "../database/tables.ts";
import type { Locale } from "../mail/locale.ts";
import type { Mailing } from "../mail/store.ts";
import { killCodesAbout } from "../one-time-codes/store.ts";
import { newId, type RandomBytes, systemRandomBytes } from "../randomness.ts";
import { type AskingAccount, type AskingRefusal, createChangeAskedBy } from "../sessions/asking.ts";
import type { SessionLimits } from "../sessions/session.ts";

export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly emailKey: string;
  readonly roles: readonly string[];
  /** Null: whoever runs the server. */
  readonly invitedBy: string | null;
  readonly sentAtMs: number;
  readonly expiresAtMs: number;
}

export interface NewInvitation {
  readonly email: string;
  readonly emailKey: string;
  readonly roles: readonly string[];
  /** Of the mail. */
  readonly locale: Locale;
  readonly lifetimeMs: number;
  /** What the same address had when it was judged who may replace that. */
  readonly earlier: Invitation | undefined;
}

/** Where a page ended. */
export interface InvitationPlace {
  readonly sentAtMs: number;
  readonly id: string;
}

/** `outdated`: somebody else has changed it since it was read. */
type Refused = { readonly outcome: "outdated" | AskingRefusal };

export interface InvitationStore {
  /** One that can still be used. */
  at(emailKey: string): Promise<Invitation | undefined>;
  get(id: string): Promise<Invitation | undefined>;
  /**
   * Writes down the invitation and its mail. One of the same address is replaced, and links that were sent before go on
   * working, with the new roles.
   */
  send(
    invitation: NewInvitation,
    origin: Origin,
    by?: AskingAccount,
  ): Promise<
    | { readonly outcome: "sent"; readonly invitation: Invitation }
    | { readonly outcome: "email_taken" }
    | Refused
  >;
  /** Those that can still be used, newest first. */
  list(page: { readonly after?: InvitationPlace | undefined; readonly limit: number }): Promise<Invitation[]>;
  /** Takes it back while it is as it was read. */
  revoke(
    invitation: Invitation,
    origin: Origin,
    by?: AskingAccount,
  ): Promise<{ readonly outcome: "revoked" } | Refused>;
  /** Forgets those that are over. Returns how many. */
  prune(): Promise<number>;
}

const columns = ["id", "email", "email_key", "roles", "invited_by", "sent_at", "expires_at"] as const;

export function createInvitationStore(
  database: Database,
  limits: SessionLimits,
  mailing: Pick<Mailing, "requestIn">,
  randomBytes: RandomBytes = systemRandomBytes,
): InvitationStore {
  const { db, now } = database;
  const changeAskedBy = createChangeAskedBy(database, limits);

  async function find(column: "id" | "email_key", value: string): Promise<Invitation | undefined> {
    const row = await db
      .selectFrom("invitations")
      .select(columns)
      .where(column, "=", value)
      .where("expires_at", ">", now())
      .executeTakeFirst();
    return row && invitationOf(row);
  }

  return {
    at: (emailKey) => find("email_key", emailKey),
    get: (id) => find("id", id),

    send: ({ email, emailKey, roles, locale, lifetimeMs, earlier }, origin, by) =>
      changeAskedBy(undefined, by, async (change) => {
        const holder = await change.db
          .selectFrom("users")
          .select("id")
          .where("email_key", "=", emailKey)
          .executeTakeFirst();
        if (holder !== undefined) return { outcome: "email_taken" };
        const row = await change.db
          .insertInto("invitations")
          .values({
            id: earlier?.id ?? newId(randomBytes),
            email,
            email_key: emailKey,
            roles: JSON.stringify(roles),
            invited_by: by?.userId ?? null,
            sent_at: now(),
            expires_at: sql<number>`${now()} + ${sql.lit(lifetimeMs)}`,
          })
          .onConflict((conflict) =>
            conflict
              .column("email_key")
              .doUpdateSet((on) => ({
                id: on.ref("excluded.id"),
                email: on.ref("excluded.email"),
                roles: on.ref("excluded.roles"),
                invited_by: on.ref("excluded.invited_by"),
                sent_at: on.ref("excluded.sent_at"),
                expires_at: on.ref("excluded.expires_at"),
              }))
              // Of what was judged, or of one that nobody can use any more.
              .where((on) =>
                on.or([
                  on("invitations.expires_at", "<=", now()),
                  on.and([
                    on("invitations.id", "=", earlier?.id ?? ""),
                    on("invitations.roles", "=", JSON.stringify(earlier?.roles ?? [])),
                  ]),
                ]),
              ),
          )
          .returning(columns)
          .executeTakeFirst();
        if (row === undefined) return { outcome: "outdated" };
        const invitation = invitationOf(row);
        await mailing.requestIn(change, {
          purpose: "invitation",
          address: email,
          addressKey: emailKey,
          locale,
          invitationId: row.id,
          isCounted: false,
        });
        change.record({ event: "invitation_sent", ...origin, detail: { invitation: row.id, roles } });
        return { outcome: "sent", invitation };
      }),

    async list({ after, limit }) {
      const rows = await db
        .selectFrom("invitations")
        .select(columns)
        .where("expires_at", ">", now())
        .$if(after !== undefined, (query) =>
          query.where((on) =>
            on(on.refTuple("sent_at", "id"), "<", on.tuple(after?.sentAtMs ?? 0, after?.id ?? "")),
          ),
        )
        .orderBy("sent_at", "desc")
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map(invitationOf);
    },

    revoke: ({ id, roles }, origin, by) =>
      changeAskedBy(undefined, by, async (change) => {
        const { numDeletedRows } = await change.db
          .deleteFrom("invitations")
          .where("id", "=", id)
          .where("roles", "=", JSON.stringify(roles))
          .executeTakeFirst();
        if (numDeletedRows === 0n) return { outcome: "outdated" };
        await killCodesAbout(change, "invitation", id);
        change.record({ event: "invitation_revoked", ...origin, detail: { invitation: id } });
        return { outcome: "revoked" };
      }),

    async prune() {
      const { numDeletedRows } = await db
        .deleteFrom("invitations")
        .where("expires_at", "<=", now())
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

function invitationOf(row: Pick<Selectable<InvitationsTable>, (typeof columns)[number]>): Invitation {
  return {
    id: row.id,
    email: row.email,
    emailKey: row.email_key,
    roles: JSON.parse(row.roles) as string[],
    invitedBy: row.invited_by,
    sentAtMs: row.sent_at,
    expiresAtMs: row.expires_at,
  };
}
