// What the routes of passkeys take and give.
import type {
  AddedPasskeyResponse,
  PasskeyCreationOptions,
  PasskeyLoginRequest,
  PasskeyNameRequest,
  PasskeyOptionsRequest,
  PasskeyRequest,
  PasskeyRequestOptions,
  PasskeyResponse,
  PasskeysResponse,
} from "@countersign/client";
import Type from "typebox";
import { nameText, type SchemaOf, schemaOf, strict } from "../http/schema.ts";
import { challengeText, responseObject } from "../second-factor/schemas.ts";

const credentialId = Type.String({ pattern: "^[A-Za-z0-9_-]{1,1364}$" });
const publicKey = Type.Literal("public-key");
const challenge = Type.String({ description: "base64url; good once, within ten minutes." });
const timeout = Type.Integer({ description: "Milliseconds." });

const descriptor = Type.Object({
  type: publicKey,
  id: Type.String(),
  transports: Type.Array(Type.String()),
});

export const passkeyParams: SchemaOf<{ id: string }> = schemaOf<{ id: string }>()(
  Type.Object({ id: credentialId }, strict),
);

export const creationOptionsReply: SchemaOf<PasskeyCreationOptions> = schemaOf<PasskeyCreationOptions>()(
  Type.Object({
    challenge,
    rp: Type.Object({ id: Type.String(), name: Type.String() }),
    user: Type.Object({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
    pubKeyCredParams: Type.Array(Type.Object({ type: publicKey, alg: Type.Integer() })),
    timeout,
    attestation: Type.Literal("none"),
    excludeCredentials: Type.Array(descriptor),
    authenticatorSelection: Type.Object({
      residentKey: Type.Literal("required"),
      requireResidentKey: Type.Literal(true),
      userVerification: Type.Literal("required"),
    }),
    extensions: Type.Object({ credProps: Type.Literal(true) }),
  }),
);

export const requestOptionsReply: SchemaOf<PasskeyRequestOptions> = schemaOf<PasskeyRequestOptions>()(
  Type.Object({
    challenge,
    rpId: Type.String(),
    timeout,
    userVerification: Type.Union([Type.Literal("required"), Type.Literal("preferred")]),
    allowCredentials: Type.Optional(
      Type.Array(descriptor, { description: "Left out where any passkey of this site will do." }),
    ),
  }),
);

export const passkeyBody: SchemaOf<PasskeyRequest> = schemaOf<PasskeyRequest>()(
  Type.Object({ response: responseObject, name: Type.Optional(nameText) }, strict),
);

const passkeyReplyObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  backed_up: Type.Boolean({ description: "Whether it outlives its device." }),
  created_at: Type.String(),
  last_used_at: Type.Union([Type.String(), Type.Null()]),
});

export const passkeyReply: SchemaOf<PasskeyResponse> = schemaOf<PasskeyResponse>()(passkeyReplyObject);

export const passkeysReply: SchemaOf<PasskeysResponse> = schemaOf<PasskeysResponse>()(
  Type.Object({ passkeys: Type.Array(passkeyReplyObject) }),
);

export const addedPasskeyReply: SchemaOf<AddedPasskeyResponse> = schemaOf<AddedPasskeyResponse>()(
  Type.Object({
    passkey: passkeyReplyObject,
    recovery_codes: Type.Optional(
      Type.Array(Type.String(), {
        description: "Ten codes for single use, shown this once; with the account's first factor.",
      }),
    ),
  }),
);

export const passkeyNameBody: SchemaOf<PasskeyNameRequest> = schemaOf<PasskeyNameRequest>()(
  Type.Object({ name: nameText }, strict),
);

export const passkeyOptionsBody: SchemaOf<PasskeyOptionsRequest> = schemaOf<PasskeyOptionsRequest>()(
  Type.Object({ login_challenge: Type.Optional(challengeText) }, strict),
);

export const passkeyLoginBody: SchemaOf<PasskeyLoginRequest> = schemaOf<PasskeyLoginRequest>()(
  Type.Object(
    {
      response: responseObject,
      carrier: Type.Optional(Type.Union([Type.Literal("token"), Type.Literal("cookie")])),
      device_token: Type.Optional(Type.String()),
    },
    strict,
  ),
);
