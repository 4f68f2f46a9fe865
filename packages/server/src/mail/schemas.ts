// What the route of the dev mailbox gives.
import type { DevMailResponse } from "@countersign/client";
import Type from "typebox";
import { type SchemaOf, schemaOf } from "../http/schema.ts";

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
