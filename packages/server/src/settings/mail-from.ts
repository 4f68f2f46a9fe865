// Whom mail comes from: an address, with a name before it or without.

export interface MailFrom {
  readonly name: string;
  readonly address: string;
}

/** No quotes, brackets, commas or signs of control: what could be read as another header or another sender. */
const form = /^(?:(?<name>[\p{L}\p{N}][\p{L}\p{N} .&+'’_-]{0,99}) <(?<named>[^<>]+)>|(?<bare>[^<>\s]+))$/u;
const addressForm =
  /^[\w.+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

export function problemOfMailFrom(text: string): string | undefined {
  return readMailFrom(text) === undefined
    ? 'must be an address such as "auth@example.com" or "Example <auth@example.com>"'
    : undefined;
}

export function readMailFrom(text: string): MailFrom | undefined {
  const { name = "", named, bare } = form.exec(text)?.groups ?? {};
  const address = named ?? bare ?? "";
  return addressForm.test(address) && address.length <= 254 ? { name, address } : undefined;
}
