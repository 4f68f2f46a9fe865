// The secret of a link in a mail: it stands in the fragment, which no server's log and no Referer has.

/** Taken out of the address, so that neither the history nor a shared screen keeps it. */
export function takeMailedToken(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? undefined;
  if (token !== undefined) history.replaceState(history.state, "", location.pathname + location.search);
  return token;
}
