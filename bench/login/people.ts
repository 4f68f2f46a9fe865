/** Those who log in, and their requests as the text that goes over the wire. */

export interface Person {
  readonly email: string;
  readonly password: string;
}

/** So many people, the same in every run; nobody else's password opens an account. */
export function makePeople(count: number): Person[] {
  return Array.from({ length: count }, (_, index) => ({
    email: `person-${index}@example.com`,
    password: `tangerine violin ledger ${index}`,
  }));
}

/** A POST request with that body as JSON. */
export function post(path: string, body: object): string {
  const text = JSON.stringify(body);
  return (
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
  );
}

/** A GET request with that access token. */
export function get(path: string, token: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`;
}

/** Where the nth of many clients comes from; Linux has all of 127.0.0.0/8, others only one address of it. */
export function sourceOf(client: number): string | undefined {
  return process.platform === "linux"
    ? `127.1.${Math.floor(client / 250) % 250}.${1 + (client % 250)}`
    : undefined;
}
