// How a login is answered that ends in either carrier, as whoever asks for it wishes.
import type { FastifyReply, FastifyRequest } from "fastify";
import { deviceTokensOf, setDeviceCookie } from "../devices/device-cookie.ts";
import type { Devices } from "../devices/devices.ts";
import { originOf } from "../http/origin.ts";
import type { SameSiteCheck } from "../http/same-site.ts";
import { sessionCookieOf, setSessionCookie } from "../http/session-cookie.ts";
import { sendTokens } from "../tokens/token-reply.ts";
import type { Tokens } from "../tokens/tokens.ts";
import type { CookieCarrier } from "./carriers/cookie.ts";
import type { Carrier, Carries, FinishLogin, Proof } from "./finish.ts";

/** With the tokens, or with two cookies and 204. @throws ServiceError `cross_site`, and what the login throws */
export type AnswerLogin = (
  request: FastifyRequest,
  reply: FastifyReply,
  login: { readonly carries: Carries; readonly prove: () => Promise<Proof> },
) => Promise<FastifyReply>;

export interface AnswerLoginOptions {
  readonly finishLogin: FinishLogin;
  readonly tokenCarrier: Carrier<Tokens>;
  readonly cookieCarrier: CookieCarrier;
  readonly checkSameSite: SameSiteCheck;
  readonly devices: Pick<Devices, "together">;
}

export function createAnswerLogin(options: AnswerLoginOptions): AnswerLogin {
  const { finishLogin, tokenCarrier, cookieCarrier, checkSameSite, devices } = options;

  return async (request, reply, { carries, prove }) => {
    const origin = originOf(request);
    const attempt = { prove, carries, userAgent: request.headers["user-agent"], origin };
    if (carries === "token") {
      const { carried, deviceToken } = await finishLogin({ ...attempt, carrier: tokenCarrier });
      return sendTokens(reply, carried, deviceToken);
    }
    // A foreign page could otherwise log a person in to an account that is not theirs.
    checkSameSite(request);
    const carrier = cookieCarrier(sessionCookieOf(request.raw));
    const { carried, deviceToken } = await finishLogin({ ...attempt, carrier });
    setSessionCookie(reply, carried);
    setDeviceCookie(reply, devices.together(deviceToken, deviceTokensOf(request.raw)));
    return reply.code(204).send();
  };
}
