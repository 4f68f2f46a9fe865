// What goes wrong elsewhere: a verifier that reads and never checks. It lives in this page; no route of the server is like it.
import { encodeText } from "../token/base64url.ts";
import { joined, objectIn, partsOf } from "../token/parts.ts";

/** Believes whatever the payload says. Do not copy it. */
export function believe(token: string): { readonly roles: readonly string[] } {
  const roles = objectIn(partsOf(token)?.payload ?? "")?.["roles"];
  return { roles: Array.isArray(roles) ? roles.map(String) : [] };
}

/** The token with `admin` for its roles, and the signature that it had. */
export function withAdmin(token: string): string {
  const parts = partsOf(token);
  const payload = parts && objectIn(parts.payload);
  if (parts === undefined || payload === undefined) return token;
  return joined({ ...parts, payload: encodeText(JSON.stringify({ ...payload, roles: ["admin"] })) });
}
