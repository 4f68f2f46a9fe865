// What the routes of accounts take and give.
import type {
  PasswordRequest,
  ProfileRequest,
  RemovalRequest,
  SignupRequest,
  UserResponse,
} from "@countersign/client";
import Type from "typebox";
import { secretText } from "../one-time-codes/schemas.ts";
import {
  emailText,
  jsonObject,
  nameText,
  newPasswordText,
  passwordText,
  type SchemaOf,
  schemaOf,
  strict,
} from "../http/schema.ts";

export const signupBody: SchemaOf<SignupRequest> = schemaOf<SignupRequest>()(
  Type.Object(
    {
      email: emailText,
      password: newPasswordText,
      name: Type.Optional(nameText),
      invitation: Type.Optional(secretText),
    },
    strict,
  ),
);

export const profileBody: SchemaOf<ProfileRequest> = schemaOf<ProfileRequest>()(
  Type.Object(
    { name: Type.Optional(Type.Union([nameText, Type.Null()])), metadata: Type.Optional(jsonObject) },
    strict,
  ),
);

export const passwordBody: SchemaOf<PasswordRequest> = schemaOf<PasswordRequest>()(
  Type.Object({ current_password: passwordText, new_password: newPasswordText }, strict),
);

export const removalBody: SchemaOf<RemovalRequest> = schemaOf<RemovalRequest>()(
  Type.Object(
    {
      current_password: Type.Optional({
        ...passwordText,
        description: "May be left out within five minutes of a login at the account's highest level.",
      }),
    },
    strict,
  ),
);

export const userReply: SchemaOf<UserResponse> = schemaOf<UserResponse>()(
  Type.Object({
    id: Type.String(),
    email: Type.String(),
    email_verified: Type.Boolean({ description: "Whether somebody has shown that they read its mail." }),
    name: Type.Union([Type.String(), Type.Null()]),
    roles: Type.Array(Type.String()),
    withheld_roles: Type.Optional(
      Type.Array(Type.String(), {
        description:
          "Those that this session does not have, as they need a second factor: one of the account, shown.",
      }),
    ),
    metadata: jsonObject,
    created_at: Type.String(),
  }),
);
