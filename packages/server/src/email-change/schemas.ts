// What the routes of a change of address take.
import type { EmailChangeRequest, MailedLink } from "@countersign/client";
import Type from "typebox";
import { emailText, passwordText, type SchemaOf, schemaOf, strict } from "../http/schema.ts";

export const emailChangeBody: SchemaOf<EmailChangeRequest> = schemaOf<EmailChangeRequest>()(
  Type.Object({ new_email: emailText, current_password: Type.Optional(passwordText) }, strict),
);

export const mailedLinkBody: SchemaOf<MailedLink> = schemaOf<MailedLink>()(
  Type.Object({ token: Type.String({ minLength: 1, maxLength: 256 }) }, strict),
);
