// What the routes of second factors take and give.
import type {
  FactorRequest,
  FactorsResponse,
  FreshRequest,
  RecoveryCodesResponse,
  StepUpRequest,
  TotpConfirmation,
  TotpResponse,
} from "@countersign/client";
import Type from "typebox";
import { passwordText, type SchemaOf, schemaOf, strict } from "../http/schema.ts";

/** Longer than any code, with room for spaces and hyphens. */
export const codeText: Type.TString = Type.String({
  minLength: 1,
  maxLength: 64,
  description: "Six digits of the authenticator app, or a recovery code; spaces and hyphens do not matter.",
});

/** What `navigator.credentials` gave, as JSON; judged by whoever reads passkeys. */
export const responseObject: Type.TObject<Record<never, never>> = Type.Object(
  {},
  { description: "The passkey's answer: `credential.toJSON()` of what `navigator.credentials` gave." },
);

export const freshBody: SchemaOf<FreshRequest> = schemaOf<FreshRequest>()(
  Type.Object(
    {
      current_password: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 8192,
          description: "May be left out within five minutes of a login at the account's highest level.",
        }),
      ),
    },
    strict,
  ),
);

export const totpReply: SchemaOf<TotpResponse> = schemaOf<TotpResponse>()(
  Type.Object({
    secret: Type.String({ description: "For apps that cannot read the QR code: base 32." }),
    uri: Type.String({ description: "What the QR code holds: `otpauth://totp/…`." }),
    qr_svg: Type.String({ description: "The QR code as an SVG image." }),
  }),
);

export const totpConfirmationBody: SchemaOf<TotpConfirmation> = schemaOf<TotpConfirmation>()(
  Type.Object({ code: codeText }, strict),
);

export const recoveryCodesReply: SchemaOf<RecoveryCodesResponse> = schemaOf<RecoveryCodesResponse>()(
  Type.Object({
    recovery_codes: Type.Optional(
      Type.Array(Type.String(), {
        description:
          "Ten codes for single use, shown this once; left out where the account has some already.",
      }),
    ),
  }),
);

export const factorsReply: SchemaOf<FactorsResponse> = schemaOf<FactorsResponse>()(
  Type.Object({
    required: Type.Boolean({ description: "Whether a login asks for a second factor." }),
    totp: Type.Boolean({ description: "Whether there is an authenticator app." }),
    passkeys: Type.Integer({ description: "How many passkeys there are." }),
    recovery_codes: Type.Integer({ description: "How many recovery codes are left." }),
  }),
);

export const challengeText: Type.TString = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: "The `login_challenge` of the 401 `second_factor_required`.",
});

export const stepUpBody: SchemaOf<StepUpRequest> = schemaOf<StepUpRequest>()(
  Type.Union([
    Type.Object({ factor: Type.Literal("password"), password: passwordText }, strict),
    Type.Object(
      { factor: Type.Union([Type.Literal("totp"), Type.Literal("recovery_code")]), code: codeText },
      strict,
    ),
    Type.Object({ factor: Type.Literal("passkey"), response: responseObject }, strict),
  ]),
);

export const factorBody: SchemaOf<FactorRequest> = schemaOf<FactorRequest>()(
  Type.Union([
    Type.Object(
      {
        login_challenge: challengeText,
        factor: Type.Union([Type.Literal("totp"), Type.Literal("recovery_code")]),
        code: codeText,
      },
      strict,
    ),
    Type.Object(
      { login_challenge: challengeText, factor: Type.Literal("passkey"), response: responseObject },
      strict,
    ),
  ]),
);
