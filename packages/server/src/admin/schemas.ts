// What the admin routes take and give.
import type {
  AdminAccount,
  AdminAccountRequest,
  AdminAccountsResponse,
  AdminInvitation,
  AdminInvitationsResponse,
  AdminKeysResponse,
  AppMetadataRequest,
  AdminFollowersResponse,
  AdminRevocationsResponse,
  AdminStatisticsResponse,
  AuditChainResponse,
  AuditResponse,
  InvitationRequest,
  PermissionsResponse,
  RolesRequest,
  UnlockResponse,
} from "@countersign/client";
import Type from "typebox";
import {
  emailText,
  jsonObject,
  nameText,
  numberedPage,
  type NumberedPageQuery,
  pageLimitText,
  type SchemaOf,
  schemaOf,
  strict,
} from "../http/schema.ts";

const idText = Type.String({ pattern: "^[A-Za-z0-9_-]{22}$" });
const nullable = Type.Union([Type.String(), Type.Null()]);
/** What a role may be made of, the service judges. */
const rolesList = Type.Array(Type.String({ maxLength: 64 }), { maxItems: 16 });

export const accountParams: SchemaOf<{ id: string }> = schemaOf<{ id: string }>()(
  Type.Object({ id: idText }, strict),
);

export const accountSessionParams: SchemaOf<{ id: string; sid: string }> = schemaOf<{
  id: string;
  sid: string;
}>()(Type.Object({ id: idText, sid: idText }, strict));

export interface AccountsQuery {
  readonly email?: string;
  readonly email_part?: string;
  readonly cursor?: string;
  readonly limit?: string;
}

const searchText = Type.String({ minLength: 1, maxLength: 254 });

export const accountsQuery: SchemaOf<AccountsQuery> = schemaOf<AccountsQuery>()(
  Type.Object(
    {
      email: Type.Optional(searchText),
      email_part: Type.Optional(searchText),
      cursor: Type.Optional(Type.String({ maxLength: 1024 })),
      limit: Type.Optional(pageLimitText),
    },
    strict,
  ),
);

const account = Type.Object({
  id: Type.String(),
  email: Type.String(),
  email_verified: Type.Boolean(),
  name: nullable,
  roles: Type.Array(Type.String()),
  metadata: jsonObject,
  app_metadata: jsonObject,
  status: Type.Union([Type.Literal("active"), Type.Literal("disabled")]),
  created_at: Type.String(),
  updated_at: Type.String(),
});

export const accountReply: SchemaOf<AdminAccount> = schemaOf<AdminAccount>()(account);

export const accountsReply: SchemaOf<AdminAccountsResponse> = schemaOf<AdminAccountsResponse>()(
  Type.Object({ accounts: Type.Array(account), next_cursor: nullable }),
);

export const newAccountBody: SchemaOf<AdminAccountRequest> = schemaOf<AdminAccountRequest>()(
  Type.Object({ email: emailText, name: Type.Optional(nameText), roles: Type.Optional(rolesList) }, strict),
);

export interface InvitationsQuery {
  readonly cursor?: string;
  readonly limit?: string;
}

export const invitationsQuery: SchemaOf<InvitationsQuery> = schemaOf<InvitationsQuery>()(
  Type.Object(
    { cursor: Type.Optional(Type.String({ maxLength: 1024 })), limit: Type.Optional(pageLimitText) },
    strict,
  ),
);

export const invitationBody: SchemaOf<InvitationRequest> = schemaOf<InvitationRequest>()(
  Type.Object(
    {
      email: emailText,
      roles: Type.Optional(rolesList),
      locale: Type.Optional(Type.Union([Type.Literal("en"), Type.Literal("de")])),
    },
    strict,
  ),
);

const invitation = Type.Object({
  id: Type.String(),
  email: Type.String(),
  roles: Type.Array(Type.String()),
  invited_by: nullable,
  sent_at: Type.String(),
  expires_at: Type.String(),
});

export const invitationReply: SchemaOf<AdminInvitation> = schemaOf<AdminInvitation>()(invitation);

export const invitationsReply: SchemaOf<AdminInvitationsResponse> = schemaOf<AdminInvitationsResponse>()(
  Type.Object({ invitations: Type.Array(invitation), next_cursor: nullable }),
);

export const appMetadataBody: SchemaOf<AppMetadataRequest> = schemaOf<AppMetadataRequest>()(
  Type.Object({ app_metadata: jsonObject, revoke_tokens: Type.Optional(Type.Boolean()) }, strict),
);

export const rolesBody: SchemaOf<RolesRequest> = schemaOf<RolesRequest>()(
  Type.Object({ roles: rolesList }, strict),
);

export const unlockReply: SchemaOf<UnlockResponse> = schemaOf<UnlockResponse>()(
  Type.Object({ guesses_in_a_row: Type.Integer() }),
);

export const permissionsReply: SchemaOf<PermissionsResponse> = schemaOf<PermissionsResponse>()(
  Type.Object({ permissions: Type.Array(Type.String()) }),
);

export const keysReply: SchemaOf<AdminKeysResponse> = schemaOf<AdminKeysResponse>()(
  Type.Object({
    keys: Type.Array(
      Type.Object({
        kid: Type.String(),
        algorithm: Type.String(),
        state: Type.Union([
          Type.Literal("pending"),
          Type.Literal("active"),
          Type.Literal("retiring"),
          Type.Literal("retired"),
        ]),
        created_at: Type.String(),
        promote_at: Type.String(),
        keep_until: nullable,
        retired_at: nullable,
        revoked_at: nullable,
      }),
    ),
    next_at: nullable,
  }),
);

export const revocationsQuery: SchemaOf<NumberedPageQuery> = schemaOf<NumberedPageQuery>()(
  Type.Object(numberedPage, strict),
);

export const revocationsReply: SchemaOf<AdminRevocationsResponse> = schemaOf<AdminRevocationsResponse>()(
  Type.Object({
    revocations: Type.Array(
      Type.Object({
        number: Type.Integer(),
        sid: nullable,
        kid: nullable,
        tokens_before: nullable,
        expires_at: nullable,
      }),
    ),
  }),
);

export const followersReply: SchemaOf<AdminFollowersResponse> = schemaOf<AdminFollowersResponse>()(
  Type.Object({
    total: Type.Integer(),
    followers: Type.Array(
      Type.Object({
        instance: Type.String(),
        name: nullable,
        address: nullable,
        since: Type.String(),
        cursor: Type.String(),
        behind: Type.Integer(),
        lag_seconds: Type.Number(),
      }),
    ),
  }),
);

const amount = Type.Object({ count: Type.Integer(), is_exact: Type.Boolean() });

export const statisticsReply: SchemaOf<AdminStatisticsResponse> = schemaOf<AdminStatisticsResponse>()(
  Type.Object({
    counted_at: Type.String(),
    accounts: amount,
    sessions: amount,
    instances: Type.Integer(),
    followers: Type.Integer(),
    logins: Type.Object({
      seconds: Type.Integer(),
      succeeded: Type.Integer(),
      failed: Type.Record(Type.String(), Type.Integer()),
    }),
  }),
);

export const auditChainReply: SchemaOf<AuditChainResponse> = schemaOf<AuditChainResponse>()(
  Type.Object({
    outcome: Type.Union([Type.Literal("intact"), Type.Literal("broken")]),
    rows: Type.Integer(),
    checked_at: Type.String(),
  }),
);

export interface AuditQuery extends NumberedPageQuery {
  readonly account?: string;
}

export const auditQuery: SchemaOf<AuditQuery> = schemaOf<AuditQuery>()(
  Type.Object({ account: Type.Optional(idText), ...numberedPage }, strict),
);

/** Written as it is: `detail` holds what each event has to say. */
export const auditReply: SchemaOf<AuditResponse> = schemaOf<AuditResponse>()(
  Type.Object({
    entries: Type.Array(
      Type.Object({
        seq: Type.Integer(),
        at: Type.String(),
        event: Type.String(),
        actor_id: nullable,
        user_id: nullable,
        sid: nullable,
        address: nullable,
        detail: Type.Record(
          Type.String(),
          Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null(), Type.Array(Type.String())]),
        ),
      }),
    ),
  }),
);
