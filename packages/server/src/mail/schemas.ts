// What the routes give that send mail, or show it.
import type { AcceptedResponse, DevMailResponse, MailRequest } from "@countersign/client";
import Type from "typebox";
import { emailText, type SchemaOf, schemaOf, strict } from "../http/schema.ts";

export const mailRequestBody: SchemaOf<MailRequest> = schemaOf<MailRequest>()(
  Type.Object({ email: emailText }, strict),
);

/** The same, whether or not an address has an account. */
export const acceptedReply: SchemaOf<AcceptedResponse> = schemaOf<AcceptedResponse>()(
  Type.Object({ status: Type.Literal("accepted") }),
);

export const devMailReply: SchemaOf<DevMailResponse> = schemaOf<DevMailResponse>()(
  Type.Object({
    messages: Type.Array(
      Type.Object({
        id: Type.String({ description: "The same at every try of one mail." }),
        to: Type.String({ description: "The address that it was sent to." }),
        subject: Type.String({ description: "Its subject." }),
        text: Type.String({ description: "Its plain text." }),
        html: Type.String({ description: "The same as HTML." }),
        sent_at: Type.String({ description: "When it was sent, in UTC (RFC 3339)." }),
        codes: Type.Array(Type.String(), { description: "The codes in it that can be typed." }),
        links: Type.Array(Type.String(), { description: "The links in it, with their secrets." }),
      }),
      { description: "Newest first, 100 at most." },
    ),
  }),
);
