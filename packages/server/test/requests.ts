// What a client asks of a server that listens.

export function post(url: string, path: string, body: object, token?: string): Promise<Response> {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  return fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
}

export function renew(url: string, refreshToken: string): Promise<Response> {
  const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
  return fetch(`${url}/token`, { method: "POST", body });
}

export async function statusOfMe(url: string, token: string): Promise<number> {
  const response = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${token}` } });
  await response.text();
  return response.status;
}

/** The session that a token is of, read and not verified. */
export function sidOf(accessToken: string): string {
  const claims = Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString();
  return (JSON.parse(claims) as { readonly sid: string }).sid;
}
