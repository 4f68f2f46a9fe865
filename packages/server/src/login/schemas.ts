// What the routes of logins take.
import type { LoginRequest } from "@countersign/client";
import Type from "typebox";
import { emailText, passwordText, type SchemaOf, schemaOf, strict } from "../http/schema.ts";

/** The form that OAuth 2.0 password logins send, read as far as it says who logs in. */
export interface LoginForm {
  readonly username: string;
  readonly password: string;
  readonly grant_type?: "password";
  readonly scope?: string;
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly device_token?: string;
}

/** Any text: one that is no token of ours is that of an unknown device, and no mistake. */
const deviceTokenText = Type.String();

export const loginBody: SchemaOf<LoginRequest> = schemaOf<LoginRequest>()(
  Type.Object(
    { email: emailText, password: passwordText, device_token: Type.Optional(deviceTokenText) },
    strict,
  ),
);

const ignoredText = Type.String({ maxLength: 1024 });

export const loginForm: SchemaOf<LoginForm> = schemaOf<LoginForm>()(
  Type.Object(
    {
      username: emailText,
      password: passwordText,
      grant_type: Type.Optional(Type.Literal("password")),
      scope: Type.Optional(ignoredText),
      client_id: Type.Optional(ignoredText),
      client_secret: Type.Optional(ignoredText),
      device_token: Type.Optional(deviceTokenText),
    },
    strict,
  ),
);
