// What the routes of forgotten passwords take and give.
import type {
  AcceptedResponse,
  MailRequest,
  PasswordResetRequest,
  PasswordResetResponse,
} from "@countersign/client";
import Type from "typebox";
import { emailText, passwordText, type SchemaOf, schemaOf, strict } from "../http/schema.ts";
import { mailedSecret } from "../one-time-codes/schemas.ts";

export const mailRequestBody: SchemaOf<MailRequest> = schemaOf<MailRequest>()(
  Type.Object({ email: emailText }, strict),
);

export const acceptedReply: SchemaOf<AcceptedResponse> = schemaOf<AcceptedResponse>()(
  Type.Object({ status: Type.Literal("accepted") }),
);

export const resetBody: SchemaOf<PasswordResetRequest> = schemaOf<PasswordResetRequest>()(
  mailedSecret({ new_password: passwordText }),
);

export const resetReply: SchemaOf<PasswordResetResponse> = schemaOf<PasswordResetResponse>()(
  Type.Object({ device_token: Type.String() }),
);
