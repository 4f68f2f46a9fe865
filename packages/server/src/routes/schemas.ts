// The JSON Schemas of bodies and replies; a reply holds what its schema names and nothing else.
import Type, { type TSchema } from "typebox";

const strict = { additionalProperties: false } as const;

/** Longer than any address (254) and any password (4,096 bytes) so that the services name the real limit. */
const emailText: Type.TString = Type.String({ minLength: 1, maxLength: 1024 });
const passwordText: Type.TString = Type.String({ minLength: 1, maxLength: 8192 });

export const signupBody: TSchema = Type.Object(
  {
    email: emailText,
    password: passwordText,
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
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

export const logoutBody: TSchema = Type.Object({ scope: Type.Optional(Type.Literal("session")) }, strict);

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
});
