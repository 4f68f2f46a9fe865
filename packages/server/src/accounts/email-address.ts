// Which text is an email address, and when two addresses are the same account.
import { domainToASCII } from "node:url";

const maxAddressOctets = 254; // RFC 5321 §4.5.3.1.3
const maxLocalPartOctets = 64; // RFC 5321 §4.5.3.1.1
const maxDomainOctets = 253;

/**
 * All that an address is made of: dot-atoms and labels, of letters, digits and a few signs. No
 * quotes, comments, lists or display names, whose readings differ between mail systems; nothing that
 * a parser of URLs or of headers would cut at, drop or decode.
 */
const localPartForm = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const writtenDomainForm = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*(?:\.[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*)+$/u;
const domainForm = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

export interface EmailAddress {
  /**
   * What is stored, shown and written to: the local part as the person wrote it, after Unicode
   * normalisation, and the domain in lower-case ASCII. Parsing it gives the same again.
   */
  readonly address: string;
  /** What makes an account unique: the same in lower case. */
  readonly key: string;
}

/**
 * Normalises first and judges afterwards, so that no look-alike `@` slips in between; `undefined`
 * if not an address.
 */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  if (text.length > maxAddressOctets || !text.isWellFormed()) return undefined;
  const parts = text.normalize("NFKC").split("@");
  const [localPart = "", writtenDomain = ""] = parts;
  if (parts.length !== 2 || !isLocalPart(localPart) || !writtenDomainForm.test(writtenDomain))
    return undefined;
  const domain = domainToASCII(writtenDomain).toLowerCase();
  if (!domainForm.test(domain) || domain.length > maxDomainOctets) return undefined;
  const address = `${localPart}@${domain}`;
  if (Buffer.byteLength(address) > maxAddressOctets) return undefined;
  const keyPart = localPart.toLowerCase().normalize("NFKC");
  // A few capitals have no small letter that is one character and stays as it is.
  if (!isLocalPart(keyPart) || keyPart.toLowerCase().normalize("NFKC") !== keyPart) return undefined;
  return { address, key: `${keyPart}@${domain}` };
}

function isLocalPart(text: string): boolean {
  return Buffer.byteLength(text) <= maxLocalPartOctets && localPartForm.test(text);
}

/** The key of an address; text that is not an address is its own key, so that it is treated like any other. */
export function addressKeyOf(text: string): string {
  return parseEmailAddress(text)?.key ?? text;
}
