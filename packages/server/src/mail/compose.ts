// A letter in words: the texts of its language, its link and its code, as text and as HTML.
import type { Letter, MailPurpose } from "./letter.ts";
import type { LinkPage, Links } from "./links.ts";
import type { Locale } from "./locale.ts";
import { de } from "./templates/de.ts";
import { en } from "./templates/en.ts";
import { htmlOf, type Layout, textOf } from "./templates/layout.ts";
import type { LetterText, MailTexts } from "./templates/texts.ts";

/** What a mail server, or the dev mailbox, is given. */
export interface Message {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** What stands in it to be typed or clicked, for the dev mailbox. */
  readonly codes: readonly string[];
  readonly links: readonly string[];
}

export type Compose = (letter: Letter) => Message;

const texts: Readonly<Record<Locale, MailTexts>> = { en, de };

/** Where the link of each mail leads. */
const pageOf: Readonly<Record<MailPurpose, LinkPage>> = {
  verify_address: "verify",
  confirm_address: "verify",
  reset_password: "reset",
  invitation: "signup",
  address_taken: "reset",
  new_device: "notMe",
  password_changed: "reset",
  address_changed: "undo",
  address_restored: "reset",
  factor_added: "reset",
  factor_removed: "reset",
  test: "reset",
};

/** `service` is what the people of the service know it as: its host. */
export function createCompose({
  links,
  service,
}: {
  readonly links: Links;
  readonly service: string;
}): Compose {
  return (letter) => {
    const { greeting, footer } = texts[letter.locale];
    const words = wordsOf(letter, service);
    const { token, code } = secretsOf(letter);
    const link =
      words.link === undefined ? undefined : { label: words.link, url: links(pageOf[letter.purpose], token) };
    const layout: Layout = {
      ...words,
      language: letter.locale,
      greeting,
      footer: footer({ service }),
      link,
      code: words.code === undefined || code === undefined ? undefined : { label: words.code, code },
    };
    return {
      to: letter.to,
      subject: words.subject,
      text: textOf(layout),
      html: htmlOf(layout),
      codes: layout.code === undefined ? [] : [layout.code.code],
      links: link === undefined ? [] : [link.url],
    };
  };
}

function wordsOf(letter: Letter, service: string): LetterText {
  // Purpose and values belong together; the compiler cannot follow that through the index.
  const write = texts[letter.locale].letters[letter.purpose] as (
    values: Letter["values"],
    context: { readonly service: string },
  ) => LetterText;
  return write(letter.values, { service });
}

function secretsOf({ values }: Letter): { readonly token?: string; readonly code?: string } {
  return {
    ...("token" in values && values.token !== undefined ? { token: values.token } : {}),
    ...("code" in values ? { code: values.code } : {}),
  };
}
