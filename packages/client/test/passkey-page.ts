// The script of the page on which passkeys are tested: clients, their options, and the verbs.
import * as passkeys from "../src/passkeys.ts";
import {
  cookieSession,
  createClient,
  SecondFactorRequiredError,
  type WebStorageArea,
  webStorage,
} from "../src/index.ts";

interface Page {
  readonly location: { readonly origin: string };
  readonly localStorage: WebStorageArea;
}

const { location, localStorage } = globalThis as unknown as Page;
const tokens = { baseUrl: location.origin, storage: webStorage(localStorage) };
const cookies = { baseUrl: location.origin, storage: cookieSession(localStorage) };
/** What a login with a password is answered where another factor is asked for. */
const challengeOf = (login: Promise<unknown>): Promise<string | undefined> =>
  login.then(
    () => undefined,
    (error: unknown) => (error instanceof SecondFactorRequiredError ? error.loginChallenge : undefined),
  );
const client = createClient(tokens);
const cookieClient = createClient(cookies);
Object.assign(globalThis, { passkeys, tokens, cookies, client, cookieClient, challengeOf });
