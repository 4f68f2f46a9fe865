// An account with a passkey, as the tests of routes need it.
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import type {
  AddedPasskeyResponse,
  PasskeyCreationOptions,
  PasskeyRequestOptions,
} from "@countersign/client";
import type { RawBuilder } from "kysely";
import { bearer, issuer, login, password } from "../app.ts";
import { type Authenticator, type Behaviour, type Credential, newAuthenticator } from "./authenticator.ts";

/** What no route does. */
export async function change(app: FastifyInstance, statement: RawBuilder<unknown>): Promise<void> {
  await statement.execute(app.auth.database);
}

export type Headers = Readonly<Record<string, string>>;

export async function creationOptions(
  app: FastifyInstance,
  headers: Headers,
): Promise<PasskeyCreationOptions> {
  const payload = { current_password: password };
  const answer = await app.inject({ method: "POST", url: "/me/passkeys/options", headers, payload });
  if (answer.statusCode !== 200) throw new TypeError(`there were no options: ${answer.body}`);
  return answer.json();
}

export function sendPasskey(
  app: FastifyInstance,
  headers: Headers,
  response: object,
  name?: string,
): Promise<LightMyRequestResponse> {
  return app.inject({
    method: "POST",
    url: "/me/passkeys",
    headers,
    payload: { response, ...(name !== undefined && { name }) },
  });
}

export interface WithPasskey extends AddedPasskeyResponse {
  readonly credential: Credential;
}

/** Gives the account of a session a passkey. */
export async function addPasskey(
  app: FastifyInstance,
  headers: Headers,
  device: Authenticator = newAuthenticator(issuer),
): Promise<WithPasskey> {
  const { response, credential } = await device.make(await creationOptions(app, headers));
  const added = await sendPasskey(app, headers, response);
  if (added.statusCode !== 201) throw new TypeError(`no passkey was added: ${added.body}`);
  return { ...added.json<AddedPasskeyResponse>(), credential };
}

/** The same for somebody who logs in for it with a password alone. */
export async function giveFirstPasskey(
  app: FastifyInstance,
  email = "ada@example.com",
  device?: Authenticator,
): Promise<WithPasskey & { readonly headers: Headers }> {
  const headers = bearer(await login(app, email));
  return { ...(await addPasskey(app, headers, device)), headers };
}

export async function requestOptions(
  app: FastifyInstance,
  loginChallenge?: string,
): Promise<PasskeyRequestOptions> {
  const answer = await app.inject({
    method: "POST",
    url: "/login/passkey/options",
    ...(loginChallenge !== undefined && { payload: { login_challenge: loginChallenge } }),
  });
  if (answer.statusCode !== 200) throw new TypeError(`there were no options: ${answer.body}`);
  return answer.json();
}

export function sendLogin(
  app: FastifyInstance,
  payload: { readonly response: object; readonly carrier?: "token" | "cookie" },
  headers: Headers = {},
): Promise<LightMyRequestResponse> {
  return app.inject({ method: "POST", url: "/login/passkey", payload, headers });
}

/** A login from beginning to end, with options of its own. */
export async function logInWithPasskey(
  app: FastifyInstance,
  credential: Credential,
  behaviour: Behaviour = {},
): Promise<LightMyRequestResponse> {
  return sendLogin(app, { response: await credential.answer(await requestOptions(app), behaviour) });
}
