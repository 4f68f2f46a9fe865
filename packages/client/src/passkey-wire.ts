// The shapes of the routes of passkeys, as they travel over HTTP. Times are RFC 3339 strings in UTC.

/** A passkey as the browser must know it again. */
export interface PasskeyDescriptor {
  readonly type: "public-key";
  readonly id: string;
  readonly transports: readonly string[];
}

/** `POST /me/passkeys/options`: what `PublicKeyCredential.parseCreationOptionsFromJSON` takes. */
export interface PasskeyCreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly pubKeyCredParams: readonly { readonly type: "public-key"; readonly alg: number }[];
  readonly timeout: number;
  readonly attestation: "none";
  readonly excludeCredentials: readonly PasskeyDescriptor[];
  readonly authenticatorSelection: {
    readonly residentKey: "required";
    readonly requireResidentKey: true;
    readonly userVerification: "required";
  };
  readonly extensions: { readonly credProps: true };
}

/** `POST /login/passkey/options`: what `PublicKeyCredential.parseRequestOptionsFromJSON` takes. */
export interface PasskeyRequestOptions {
  readonly challenge: string;
  readonly rpId: string;
  readonly timeout: number;
  readonly userVerification: "required" | "preferred";
  /** Left out where any passkey of this site will do. */
  readonly allowCredentials?: readonly PasskeyDescriptor[];
}

/** `POST /me/passkeys`: `credential.toJSON()` of what `navigator.credentials.create` gave. */
export interface PasskeyRequest {
  readonly response: object;
  /** What the person calls it. Default: `Passkey`. */
  readonly name?: string;
}

/** A passkey as its owner sees it. */
export interface PasskeyResponse {
  readonly id: string;
  readonly name: string;
  /** Whether its device keeps a copy elsewhere, so that it outlives the device. */
  readonly backed_up: boolean;
  readonly created_at: string;
  readonly last_used_at: string | null;
}

/** `GET /me/passkeys`, oldest first. */
export interface PasskeysResponse {
  readonly passkeys: readonly PasskeyResponse[];
}

/** `POST /me/passkeys`: with recovery codes, shown this once, where it is the account's first factor. */
export interface AddedPasskeyResponse {
  readonly passkey: PasskeyResponse;
  readonly recovery_codes?: readonly string[];
}

/** `PATCH /me/passkeys/ID`. */
export interface PasskeyNameRequest {
  readonly name: string;
}

/** `POST /login/passkey/options`: with the challenge of a login whose second half the passkey is to be. */
export interface PasskeyOptionsRequest {
  readonly login_challenge?: string;
}

/** `POST /login/passkey`: answers as `POST /login` does, or as `POST /session` where a cookie is asked for. */
export interface PasskeyLoginRequest {
  readonly response: object;
  readonly carrier?: "token" | "cookie";
  /** Of an earlier login: without one it is the login of a new device, which the owner is told of. */
  readonly device_token?: string;
}
