// What names this machine and no other.

/** Whether a URL names this machine. */
export function isLoopback(url: unknown): boolean {
  if (typeof url !== "string" || !URL.canParse(url)) return false;
  return isLoopbackHost(new URL(url).hostname);
}

/** The same of a host's name, as URLs have it. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(host);
}
