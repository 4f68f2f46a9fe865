// What was mailed, as a body says it. Whatever the text is, it is looked up; so a wrong one has one answer.
import type { MailedLink } from "@countersign/client";
import Type, { type TObject, type TProperties, type TString, type TUnion } from "typebox";
import { emailText, type SchemaOf, schemaOf, strict } from "../http/schema.ts";

export const secretText: TString = Type.String({ minLength: 1, maxLength: 256 });

/** The secret of a link, or the address that a code came to and the code; and the members of `more`. */
export function mailedSecret<More extends TProperties>(
  more: More,
): TUnion<[TObject<{ token: TString } & More>, TObject<{ email: TString; code: TString } & More>]> {
  return Type.Union([
    Type.Object({ token: secretText, ...more }, strict),
    Type.Object({ email: emailText, code: secretText, ...more }, strict),
  ]);
}

/** The secret of a link, where a mail has no code. */
export const mailedLinkBody: SchemaOf<MailedLink> = schemaOf<MailedLink>()(
  Type.Object({ token: secretText }, strict),
);
