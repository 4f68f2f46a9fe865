// An account with a second factor, as the tests of routes need it.
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { codeOf, stepAt } from "../../src/second-factor/totp.ts";
import { bearer, login, password } from "../app.ts";

/** An authenticator app. Each of its codes works once, so it counts the steps that it has given. */
export interface Authenticator {
  /** A code that has not been used: of this step, or of the next one. */
  code(): string;
  /** Codes of steps that are never taken. */
  wrongCode(): string;
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export function authenticatorOf(secret: string): Authenticator {
  const bits = Array.from(secret, (letter) => base32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  let last = 0;
  return {
    code() {
      last = Math.max(last + 1, stepAt(Date.now()) - 1);
      return codeOf(bytes, last);
    },
    wrongCode() {
      const steps = [-2, -1, 0, 1, 2, 3].map((away) => codeOf(bytes, stepAt(Date.now()) + away));
      const taken = new Set(steps);
      for (let number = 0; ; number += 1) {
        const code = String(number).padStart(6, "0");
        if (!taken.has(code)) return code;
      }
    },
  };
}

export interface WithFactor {
  readonly authenticator: Authenticator;
  readonly recoveryCodes: readonly string[];
}

/** Gives the account of a session an authenticator app. */
export async function addTotp(
  app: FastifyInstance,
  headers: Readonly<Record<string, string>>,
  secret = password,
): Promise<WithFactor> {
  const payload = { current_password: secret };
  const begun = await app.inject({ method: "POST", url: "/me/totp", headers, payload });
  if (begun.statusCode !== 200) throw new TypeError(`no factor was begun: ${begun.body}`);
  const authenticator = authenticatorOf(begun.json<{ secret: string }>().secret);
  const confirm = (): Promise<LightMyRequestResponse> =>
    app.inject({
      method: "POST",
      url: "/me/totp/confirm",
      headers,
      payload: { code: authenticator.code() },
    });
  let confirmed = await confirm();
  // On a busy machine the time of a code may be over when it arrives.
  if (confirmed.statusCode === 403) confirmed = await confirm();
  if (confirmed.statusCode !== 200) throw new TypeError(`no factor was added: ${confirmed.body}`);
  return { authenticator, recoveryCodes: confirmed.json<{ recovery_codes: string[] }>().recovery_codes };
}

/** The same for somebody who logs in for it. */
export async function protect(app: FastifyInstance, email = "ada@example.com"): Promise<WithFactor> {
  return addTotp(app, bearer(await login(app, email)));
}

/** The first half of a login: the challenge that it stops at. */
export async function challengeOf(
  app: FastifyInstance,
  url: "/login" | "/session" = "/login",
  email = "ada@example.com",
): Promise<string> {
  const response = await app.inject({
    method: "POST",
    url,
    payload: { email, password },
    headers: { "sec-fetch-site": "same-origin" },
  });
  const { login_challenge: challenge } = response.json<{ login_challenge?: string }>();
  if (challenge === undefined) throw new TypeError(`there was no challenge: ${response.body}`);
  return challenge;
}

export function showFactor(
  app: FastifyInstance,
  payload: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<LightMyRequestResponse> {
  return app.inject({ method: "POST", url: "/login/factor", payload, headers });
}
