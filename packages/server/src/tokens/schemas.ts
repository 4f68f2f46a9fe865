// What the OAuth endpoints take and give.
import type { IntrospectionResponse, TokenResponse } from "@countersign/client";
import Type from "typebox";
import { oauthText, type SchemaOf, schemaOf } from "../http/schema.ts";

export interface GrantForm {
  readonly grant_type: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly client_id?: string;
  readonly client_secret?: string;
}

export interface TokenForm {
  readonly token: string;
  readonly token_type_hint?: string;
  readonly client_id?: string;
  readonly client_secret?: string;
}

/** Parameters that we do not know are ignored, as RFC 6749 §3.2 demands; one that comes twice is an array and refused. */
export const grantForm: SchemaOf<GrantForm> = schemaOf<GrantForm>()(
  Type.Object({
    grant_type: oauthText,
    refresh_token: Type.Optional(oauthText),
    scope: Type.Optional(oauthText),
    client_id: Type.Optional(oauthText),
    client_secret: Type.Optional(oauthText),
  }),
);

/** RFC 7009 §2.1 and RFC 7662 §2.1; the hint is only a hint. */
export const tokenForm: SchemaOf<TokenForm> = schemaOf<TokenForm>()(
  Type.Object({
    token: oauthText,
    token_type_hint: Type.Optional(oauthText),
    client_id: Type.Optional(oauthText),
    client_secret: Type.Optional(oauthText),
  }),
);

/** Written as it is: an access token answers with all its claims. */
export const introspectionReply: SchemaOf<IntrospectionResponse> = schemaOf<IntrospectionResponse>()(
  Type.Union([
    Type.Object({ active: Type.Literal(false) }),
    Type.Object({
      active: Type.Literal(true),
      token_type: Type.Optional(Type.Literal("Bearer")),
      sub: Type.Optional(Type.String()),
      sid: Type.Optional(Type.String()),
      client_id: Type.Optional(Type.String()),
      iss: Type.Optional(Type.String()),
      aud: Type.Optional(Type.String()),
      exp: Type.Optional(Type.Integer()),
      iat: Type.Optional(Type.Integer()),
      jti: Type.Optional(Type.String()),
      roles: Type.Optional(Type.Array(Type.String())),
    }),
  ]),
);

export const tokenReply: SchemaOf<TokenResponse> = schemaOf<TokenResponse>()(
  Type.Object({
    access_token: Type.String(),
    token_type: Type.Literal("Bearer"),
    expires_in: Type.Integer(),
    refresh_token: Type.String(),
    scope: Type.Optional(Type.String()),
    device_token: Type.Optional(Type.String()),
  }),
);
