// Who is logged in to these pages.
import {
  type Client,
  createClient,
  type FactorRequest,
  type UserResponse,
  webStorage,
} from "@countersign/client";
import { signal } from "@preact/signals";
import { apiBase } from "../shell/base.ts";
import { objectIn, partsOf } from "../token/parts.ts";

/** The account; `null` while nobody is logged in, `undefined` until that is known. */
export const me = signal<UserResponse | null | undefined>(undefined);

/** A request with both a token and a session cookie is refused, and the story sets such a cookie. */
export const fetchWithoutCookies: typeof fetch = (input, init) =>
  fetch(input, { ...init, credentials: "omit" });

const storageName = "countersign.console";

/** All tabs share it. In `sessionStorage`, a duplicated tab would hold a copy of the refresh token, as a thief does. */
const storage = webStorage(localStorage, storageName);

/** The server that these pages came from; also for verbs that need no login. */
export const server = { baseUrl: apiBase.href, storage, fetch: fetchWithoutCookies };

export const client: Client = createClient(server);

/** Why it is not known who is logged in: the server gave no answer. */
export const isAway = signal(false);

/** Resolves when it is known who is logged in, or that the server does not say. */
export const restored: Promise<void> = restore();

export async function restore(): Promise<void> {
  try {
    me.value = (await client.getUser()) ?? null;
    isAway.value = false;
  } catch {
    isAway.value = true;
  }
}

// What happens in another tab shows in this one.
client.onChange((change) => {
  if (change.type === "logout" && change.reason === "elsewhere") me.value = null;
  if (change.type === "login" && me.value === null) void restore();
});

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** @throws SecondFactorRequiredError: go on with `logInWithFactor` */
export async function logIn(credentials: Credentials): Promise<void> {
  const device = expectedDevice === undefined ? {} : { device_token: expectedDevice };
  await becoming(() => client.login({ ...credentials, ...device }));
}

let expectedDevice: string | undefined;

/** A new password by mail says that this device is known, until the page is left: where nobody may guess, it is let in. */
export function expectDevice(token: string): void {
  expectedDevice = token;
}

/** The second half of a login. */
export async function logInWithFactor(factor: FactorRequest): Promise<void> {
  await becoming(() => client.loginWithFactor(factor));
}

/** Whoever logs in once more, to show that it is they, goes on in one session and does not leave the other behind. */
export async function becoming(login: () => Promise<unknown>): Promise<void> {
  const before = me.value === null || me.value === undefined ? undefined : await sessionAtHand();
  await login();
  me.value = (await client.getUser()) ?? null;
  if (before !== undefined && before.account === me.value?.id) {
    // It is over by itself at some time, where this fails.
    await client.fetch(`me/sessions/${before.sid}`, { method: "DELETE" }).catch(() => undefined);
  }
}

/** Which session these pages are in: read, and not verified, as it only says what to end. */
async function sessionAtHand(): Promise<{ readonly account: unknown; readonly sid: string } | undefined> {
  const token = await client.getAccessToken().catch(() => undefined);
  const payload = objectIn(partsOf(token ?? "")?.payload ?? "");
  return typeof payload?.["sid"] === "string" ? { account: payload["sub"], sid: payload["sid"] } : undefined;
}

export async function logOut(): Promise<void> {
  await client.logout();
  me.value = null;
}

/** The session has ended already, so that nobody need be told. */
export async function forget(): Promise<void> {
  await client.logout().catch(() => undefined);
  me.value = null;
}

/**
 * Does something after which the server has browsers clear all that they keep of it, as at the end of a cookie session.
 * These pages' own login is another one, and goes on.
 */
export async function keepingLogin<T>(work: () => Promise<T>): Promise<T> {
  const kept = Object.entries(localStorage).filter(([key]) => key.startsWith(`${storageName}.`));
  try {
    return await work();
  } finally {
    for (const [key, value] of kept)
      if (localStorage.getItem(key) === null) localStorage.setItem(key, String(value));
  }
}
