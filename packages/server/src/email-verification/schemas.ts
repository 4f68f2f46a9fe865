// What the routes of confirming an address take and give.
import type { VerifyRequest, VerifyResponse } from "@countersign/client";
import Type from "typebox";
import { passwordText, type SchemaOf, schemaOf } from "../http/schema.ts";
import { mailedSecret } from "../one-time-codes/schemas.ts";

export const verifyBody: SchemaOf<VerifyRequest> = schemaOf<VerifyRequest>()(
  mailedSecret({ password: Type.Optional(passwordText), device_token: Type.Optional(Type.String()) }),
);

export const verifyReply: SchemaOf<VerifyResponse> = schemaOf<VerifyResponse>()(
  Type.Object({
    email_verified: Type.Literal(true),
    password_voided: Type.Boolean({
      description:
        "Nothing showed that the account is the reader's: it has no password, and a mail leads to one.",
    }),
  }),
);
