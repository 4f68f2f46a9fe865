// The rows of one's own account in the audit trail.
import { type ActivityResponse, type ActivityRow, type Client, createClient } from "@countersign/client";
import { client, fetchWithoutCookies, logIn, me } from "../session/session.ts";
import { apiBase } from "../shell/base.ts";

/** `absent`: this server does not show its trail. */
export type Found = ActivityRow | "none" | "absent";

interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** The trail is sealed a moment after the change that a row is about. */
const attempts = 5;
const pauseMs = 120;
const rows = 30;

let observer: { readonly email: string; readonly client: Client } | undefined;

/**
 * A session beside those of the story, which end on the way: it reads the trail. It is the pages' own login, unless
 * somebody else is logged in to them.
 */
async function watchAs(credentials: Credentials): Promise<void> {
  if (me.value === null || me.value === undefined) await logIn(credentials);
  if (me.value?.email === credentials.email) {
    observer = { email: credentials.email, client };
    return;
  }
  const own = createClient({ baseUrl: apiBase.href, fetch: fetchWithoutCookies });
  await own.login(credentials);
  observer = { email: credentials.email, client: own };
}

export function stopWatching(): void {
  observer = undefined;
}

/** The newest row that matches. Whoever cannot ask shows no row, and nothing fails for that. */
export async function findRow(
  credentials: Credentials,
  matches: (row: ActivityRow) => boolean,
): Promise<Found> {
  try {
    if (observer?.email !== credentials.email) await watchAs(credentials);
    for (let attempt = 1; ; attempt += 1) {
      const response = await observer?.client.fetch(`me/activity?limit=${rows}`);
      if (response?.ok !== true) return "absent";
      const { activity } = (await response.json()) as ActivityResponse;
      const row = activity.find(matches);
      if (row !== undefined) return row;
      if (attempt === attempts) return "none";
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  } catch {
    return "absent";
  }
}
