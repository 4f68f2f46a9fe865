// Passkeys: made, listed, named and removed by whoever is logged in; shown in place of a password, or after one.
import { makePasskey, requirePasskeys, type Showing, showPasskey } from "./authenticator.ts";
import type { Client, ClientOptions } from "./client.ts";
import { type Http, jsonPost, refuseFailure, succeed } from "./http.ts";
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
} from "./passkey-wire.ts";
import { createKeeping } from "./kept-login.ts";
import { httpOf } from "./server-options.ts";
import type { ClientStorage } from "./storage.ts";
import type { FreshRequest, TokenResponse } from "./wire.ts";

export { hasPasskeys, PasskeyError, suggestsPasskeys } from "./authenticator.ts";
export type { PasskeyProblem } from "./authenticator.ts";

/** What the client was made with: where the server is, and what carries the login. */
export type PasskeyServer = Pick<ClientOptions, "baseUrl" | "fetch" | "storage">;

/** Where the device token of a login with a passkey is kept, which has no address; `logout({ forget: true })` removes it. */
const noAddress = "-";

async function keepDevice(storage: ClientStorage, answer: Response): Promise<void> {
  try {
    const { device_token: token } = await succeed<TokenResponse>(answer);
    if (token !== undefined) await storage.write(`device.${noAddress}`, token);
  } catch {
    // The next login is then that of a new device, which is no reason to fail this one.
  }
}

type LoggedIn = Pick<Client<unknown>, "fetch">;

/**
 * Logs in with a passkey alone, which counts as two factors. With `suggested` it waits until the person takes one of
 * those that the browser offers at the field with `autocomplete="username webauthn"`; any other call ends the wait.
 *
 * @throws PasskeyError; ApiError `passkey_invalid`; the reason of the signal; what `adopt` throws
 */
export async function loginWithPasskey<Login>(
  client: Pick<Client<Login>, "adopt">,
  server: PasskeyServer,
  showing: Showing = {},
): Promise<Login> {
  const isCookie = server.storage !== undefined && "cookie" in server.storage;
  const http = httpOf(server, isCookie ? "include" : "omit");
  const response = await (showing.suggested === true ? suggest(http, showing) : show(http, {}, showing));
  const storage = isCookie ? undefined : server.storage;
  const device = storage && (await createKeeping(storage, () => undefined).readDevice(noAddress));
  const body: PasskeyLoginRequest = {
    response,
    carrier: isCookie ? "cookie" : "token",
    ...(device === undefined ? {} : { device_token: device }),
  };
  const answer = await http("login/passkey", jsonPost(body, signalOf(showing)));
  const copy = answer.clone();
  const login = await client.adopt(answer);
  if (storage !== undefined) await keepDevice(storage, copy);
  return login;
}

/**
 * The second half of a login that failed with `SecondFactorRequiredError`, whose `loginChallenge` it takes.
 *
 * @throws PasskeyError; ApiError `second_factor_invalid`, `login_challenge_invalid`; the reason of the signal
 */
export async function loginWithPasskeyAsFactor<Login>(
  client: Pick<Client<Login>, "loginWithFactor">,
  server: PasskeyServer,
  { loginChallenge, signal }: { readonly loginChallenge: string; readonly signal?: AbortSignal },
): Promise<Login> {
  const showing = signal === undefined ? {} : { signal };
  const response = await show(httpOf(server), { login_challenge: loginChallenge }, showing);
  return client.loginWithFactor({ login_challenge: loginChallenge, factor: "passkey", response });
}

/**
 * Has the browser make a passkey for the account, and the server keep it. The password may be left out within five
 * minutes of a login.
 *
 * @returns the passkey, and recovery codes, shown this once, where it is the account's first factor
 * @throws PasskeyError; ApiError `invalid_credentials` (403), `authentication_too_old`, `factor_missing`,
 *   `factor_exists`; what `fetch` throws
 */
export async function addPasskey(
  client: LoggedIn,
  options: {
    /** What the person calls it. Default: `Passkey`. */
    readonly name?: string;
    readonly currentPassword?: string;
    readonly signal?: AbortSignal;
  } = {},
): Promise<AddedPasskeyResponse> {
  requirePasskeys();
  const begun = jsonPost(freshRequestOf(options), signalOf(options));
  const asked = await succeed<PasskeyCreationOptions>(await client.fetch("me/passkeys/options", begun));
  const response = await makePasskey(asked as PasskeyCreationOptions, options.signal);
  const body: PasskeyRequest = { response, ...(options.name === undefined ? {} : { name: options.name }) };
  const added = await client.fetch("me/passkeys", jsonPost(body));
  return (await succeed<AddedPasskeyResponse>(added)) as AddedPasskeyResponse;
}

/** Oldest first. @throws what `fetch` throws */
export async function listPasskeys(client: LoggedIn): Promise<readonly PasskeyResponse[]> {
  return (await succeed<PasskeysResponse>(await client.fetch("me/passkeys"))).passkeys ?? [];
}

/** @throws ApiError `not_found`; what `fetch` throws */
export async function renamePasskey(client: LoggedIn, id: string, name: string): Promise<PasskeyResponse> {
  const body: PasskeyNameRequest = { name };
  const response = await client.fetch(pathOf(id), { ...jsonPost(body), method: "PATCH" });
  return (await succeed<PasskeyResponse>(response)) as PasskeyResponse;
}

/**
 * The password may be left out within five minutes of a login.
 *
 * @throws ApiError `factor_needed`: a role asks for a factor, or it is the only way in; `not_found`,
 *   `invalid_credentials` (403), `authentication_too_old`, `factor_missing`; what `fetch` throws
 */
export async function removePasskey(
  client: LoggedIn,
  id: string,
  proof: { readonly currentPassword?: string } = {},
): Promise<void> {
  const init = { ...jsonPost(freshRequestOf(proof)), method: "DELETE" };
  await refuseFailure(await client.fetch(pathOf(id), init));
}

const pathOf = (id: string): string => `me/passkeys/${encodeURIComponent(id)}`;

function freshRequestOf({ currentPassword }: { readonly currentPassword?: string }): FreshRequest {
  return currentPassword === undefined ? {} : { current_password: currentPassword };
}

function signalOf({ signal }: { readonly signal?: AbortSignal }): RequestInit {
  return signal === undefined ? {} : { signal };
}

async function optionsFor(
  http: Http,
  body: PasskeyOptionsRequest,
  showing: Showing,
): Promise<PasskeyRequestOptions> {
  requirePasskeys();
  const response = await http("login/passkey/options", jsonPost(body, signalOf(showing)));
  return (await succeed<PasskeyRequestOptions>(response)) as PasskeyRequestOptions;
}

async function show(http: Http, body: PasskeyOptionsRequest, showing: Showing): Promise<object> {
  return showPasskey(await optionsFor(http, body, showing), showing);
}

/** A page may stay open for longer than a challenge is good, so that it is replaced well before. */
async function suggest(http: Http, showing: Showing): Promise<object> {
  for (;;) {
    const options = await optionsFor(http, {}, showing);
    const old = AbortSignal.timeout(options.timeout * 0.8);
    const signal = showing.signal === undefined ? old : AbortSignal.any([showing.signal, old]);
    try {
      return await showPasskey(options, { suggested: true, signal });
    } catch (error) {
      if (error !== old.reason || showing.signal?.aborted === true) throw error;
    }
  }
}
