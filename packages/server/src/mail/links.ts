// Where the links in mail lead. The secret stands in the fragment: no server's log and no Referer has it.
import { pagePlaceholder } from "../settings/public-url.ts";

/** The pages that take a token, by what they do. The paths are the console's. */
export const linkPages = {
  verify: "verify",
  reset: "reset",
  undo: "undo",
  notMe: "not-me",
  signup: "signup",
} as const;

export type LinkPage = keyof typeof linkPages;

const consolePages = `/console/${pagePlaceholder}`;

/** The address of a page; without a token the page asks for an address and a code. */
export type Links = (page: LinkPage, token?: string) => string;

/** `publicUrl` comes from the settings alone: what a request says of its host leads nowhere. */
export function createLinks(publicUrl: string): Links {
  const template = publicUrl.includes(pagePlaceholder)
    ? publicUrl
    : publicUrl.replace(/\/+$/, "") + consolePages;
  return (page, token) => {
    const address = template.replace(pagePlaceholder, linkPages[page]);
    return token === undefined ? address : `${address}#token=${token}`;
  };
}
