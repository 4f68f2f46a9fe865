// Where the mail about a login on a new device leads, whose owner did not log in.
import { disownLogin } from "@countersign/client/recovery";
import type { JSX } from "preact";
import { server } from "../session/session.ts";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import { LinkPage } from "./link-page.tsx";
import { MailboxNote } from "./mail-sent.tsx";

export function NotMePage(): JSX.Element {
  return (
    <LinkPage texts={t.notMe} deed={(token) => disownLogin(server, token)}>
      <MailboxNote />
      <p class="form-note">
        <a href={paths.forgotten}>{t.login.forgotten}</a>
      </p>
    </LinkPage>
  );
}
