// A mail is on its way, or there was nobody to send it to: the page does not know which.
import type { JSX } from "preact";
import { Prose } from "../components/prose.tsx";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import "../login/login.css";

const texts = t.mailSent;

export function MailSent(props: {
  readonly lead: string;
  /** Where the code of the mail is typed. */
  readonly codePath: string;
}): JSX.Element {
  return (
    <Page key="sent" title={texts.title} lead={props.lead} narrow>
      <p class="form-note">
        <a href={props.codePath}>{texts.haveCode}</a>
      </p>
      <MailboxNote />
      <p class="form-note quiet">
        <Prose text={texts.none} />
      </p>
    </Page>
  );
}

/** On the server's own machine there may be a mailbox that shows every mail. */
export function MailboxNote(): JSX.Element | null {
  if (!["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) return null;
  return (
    <p class="form-note">
      <a href={paths.mail}>{texts.mailbox}</a>
    </p>
  );
}
