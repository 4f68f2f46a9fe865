// Which text is an email address, and when two addresses are the same account.
import { domainToASCII } from "node:url";

const maxAddressLength = 254; // RFC 5321 §4.5.3.1.3
const maxLocalPartLength = 64; // RFC 5321 §4.5.3.1.1

/**
 * Dot-atoms only: no quotes, comments, lists or display names, whose readings differ between mail
 * systems.
 */
const localPartForm = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const domainForm = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/;

export interface EmailAddress {
  /** As the person wrote it, after Unicode normalisation; mail goes to exactly this. */
  readonly address: string;
  /** What makes an account unique: lower case, with the domain in ASCII. */
  readonly key: string;
}

/**
 * Normalises first and judges afterwards, so that no look-alike `@` slips in between; `undefined`
 * if not an address.
 */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  if (text.length > maxAddressLength || !text.isWellFormed()) return undefined;
  const address = text.normalize("NFKC");
  const parts = address.split("@");
  const [localPart = "", domainPart = ""] = parts;
  if (parts.length !== 2 || localPart.length > maxLocalPartLength || !localPartForm.test(localPart))
    return undefined;
  const domain = domainToASCII(domainPart).toLowerCase();
  if (!domainForm.test(domain) || domain.length > 253) return undefined;
  return { address, key: `${localPart.toLowerCase()}@${domain}` };
}
