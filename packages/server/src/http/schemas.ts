// The JSON Schemas of bodies and replies; a reply holds what its schema names and nothing else.
import Type, { type TSchema } from "typebox";
import { storableText } from "./validation.ts";

const strict = { additionalProperties: false } as const;

/** Longer than any address (254) and any password (4,096 bytes) so that the services name the real limit. */
const emailText: Type.TString = Type.String({ minLength: 1, maxLength: 1024, pattern: storableText });
const nameText: Type.TString = Type.String({ minLength: 1, maxLength: 200, pattern: storableText });
/** Never stored, only hashed, so any character will do. */
const passwordText: Type.TString = Type.String({ minLength: 1, maxLength: 8192 });

export const signupBody: TSchema = Type.Object(
  {
    email: emailText,
    password: passwordText,
    name: Type.Optional(nameText),
  },
  strict,
);

export const loginBody: TSchema = Type.Object({ email: emailText, password: passwordText }, strict);

/** The form that OAuth2 password log-ins send; what is not `username` or `password` is accepted and ignored. */
export const loginForm: TSchema = Type.Object(
  {
    username: emailText,
    password: passwordText,
    grant_type: Type.Optional(Type.Literal("password")),
    scope: Type.Optional(Type.String({ maxLength: 1024 })),
    client_id: Type.Optional(Type.String({ maxLength: 1024 })),
    client_secret: Type.Optional(Type.String({ maxLength: 1024 })),
  },
  strict,
);

export const logoutBody: TSchema = Type.Object(
  {
    scope: Type.Optional(Type.Union([Type.Literal("session"), Type.Literal("others"), Type.Literal("all")])),
  },
  strict,
);

export const profileBody: TSchema = Type.Object({ name: Type.Union([nameText, Type.Null()]) }, strict);

export const passwordBody: TSchema = Type.Object(
  { current_password: passwordText, new_password: passwordText },
  strict,
);

export const removalBody: TSchema = Type.Object({ current_password: passwordText }, strict);

export const sessionParams: TSchema = Type.Object(
  { id: Type.String({ pattern: "^[A-Za-z0-9_-]{22}$" }) },
  strict,
);

const oauthText = Type.String({ minLength: 1, maxLength: 8192 });

/** Parameters that we do not know are ignored, as RFC 6749 §3.2 demands; one that comes twice is an array and refused. */
export const grantForm: TSchema = Type.Object({
  grant_type: oauthText,
  refresh_token: Type.Optional(oauthText),
});

/** RFC 7009 §2.1 and RFC 7662 §2.1; the hint is only a hint. */
export const tokenForm: TSchema = Type.Object({
  token: oauthText,
  token_type_hint: Type.Optional(oauthText),
});

export const userReply: TSchema = Type.Object({
  id: Type.String(),
  email: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  roles: Type.Array(Type.String()),
  created_at: Type.String(),
});

export const tokenReply: TSchema = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal("Bearer"),
  expires_in: Type.Integer(),
  refresh_token: Type.String(),
});

export const sessionsReply: TSchema = Type.Object({
  sessions: Type.Array(
    Type.Object({
      id: Type.String(),
      kind: Type.String(),
      device: Type.Union([Type.String(), Type.Null()]),
      address: Type.Union([Type.String(), Type.Null()]),
      created_at: Type.String(),
      last_used_at: Type.String(),
      current: Type.Boolean(),
    }),
  ),
});
