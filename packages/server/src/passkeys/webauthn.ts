// @simplewebauthn/server, loaded for the first passkey: with its ASN.1 and X.509 it takes some 20 MB, and a tenth of the time
// that a server needs to be ready.
import type * as Library from "@simplewebauthn/server";
import type * as Helpers from "@simplewebauthn/server/helpers";

export type Webauthn = Pick<
  typeof Library,
  "generateRegistrationOptions" | "verifyAuthenticationResponse" | "verifyRegistrationResponse"
> &
  Pick<typeof Helpers, "decodeAttestationObject" | "isoBase64URL">;

let loading: Promise<Webauthn> | undefined;

export function loadWebauthn(): Promise<Webauthn> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Webauthn> {
  const [library, helpers] = await Promise.all([
    import("@simplewebauthn/server"),
    import("@simplewebauthn/server/helpers"),
  ]);
  return { ...library, ...helpers };
}
