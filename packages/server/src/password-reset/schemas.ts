// What the routes of forgotten passwords take and give.
import type { PasswordResetRequest, PasswordResetResponse } from "@countersign/client";
import Type from "typebox";
import { newPasswordText, type SchemaOf, schemaOf } from "../http/schema.ts";
import { mailedSecret } from "../one-time-codes/schemas.ts";

export const resetBody: SchemaOf<PasswordResetRequest> = schemaOf<PasswordResetRequest>()(
  mailedSecret({ new_password: newPasswordText }),
);

export const resetReply: SchemaOf<PasswordResetResponse> = schemaOf<PasswordResetResponse>()(
  Type.Object({ device_token: Type.String() }),
);
