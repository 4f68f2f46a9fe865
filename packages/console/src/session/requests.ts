// Requests of whoever is logged in, as promises that fail with the client's errors.
import { ApiError, NotLoggedInError, type ProblemResponse } from "@countersign/client";
import { say } from "../shell/toast.tsx";
import { t } from "../texts/language.ts";
import { isStepUp, withFreshLogin } from "./fresh-login.ts";
import { client, forget, me } from "./session.ts";

/** The JSON of an answer. */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await send(path, signal === undefined ? {} : { signal })).json()) as T;
}

/** A change, and the JSON that the server answers with it. */
export async function change<T>(method: string, path: string, body?: object): Promise<T> {
  return (await (await command(method, path, body)).json()) as T;
}

/** A change that is answered without a body. */
export async function command(method: string, path: string, body?: object): Promise<Response> {
  if (body === undefined) return send(path, { method });
  return send(path, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Where the server asks for a more recent login, the person is asked, and then the server once more. */
async function send(path: string, init: RequestInit): Promise<Response> {
  return whileLoggedIn(() =>
    withFreshLogin(async () => {
      const response = await client.fetch(path, init);
      if (response.ok) return response;
      const problem = (await response.json().catch(() => ({}))) as Partial<ProblemResponse>;
      const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
      throw new ApiError(response.status, problem, Number.isNaN(retryAfter) ? undefined : retryAfter);
    }),
  );
}

/** Where the session of these pages has ended meanwhile, whoever is there is told so, and is a stranger from then on. */
export async function whileLoggedIn<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isOver(error) && me.value !== null) {
      await forget();
      say(t.sessions.endedElsewhere);
    }
    throw error;
  }
}

/** A wrong password or code and a call for a more recent login are 401 as well, and end nothing. */
function isOver(error: unknown): boolean {
  if (!(error instanceof ApiError)) return error instanceof NotLoggedInError;
  return error.status === 401 && error.code !== "invalid_credentials" && !isStepUp(error);
}
