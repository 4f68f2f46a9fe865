// What the routes of a change of address take.
import type { EmailChangeRequest } from "@countersign/client";
import Type from "typebox";
import { emailText, passwordText, type SchemaOf, schemaOf, strict } from "../http/schema.ts";

export const emailChangeBody: SchemaOf<EmailChangeRequest> = schemaOf<EmailChangeRequest>()(
  Type.Object({ new_email: emailText, current_password: Type.Optional(passwordText) }, strict),
);
