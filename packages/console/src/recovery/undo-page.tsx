// Where the mail to the earlier address leads, whose owner did not change it.
import { undoEmailChange } from "@countersign/client/email";
import type { JSX } from "preact";
import { server } from "../session/session.ts";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import { LinkPage } from "./link-page.tsx";
import { MailboxNote } from "./mail-sent.tsx";

export function UndoPage(): JSX.Element {
  return (
    <LinkPage texts={t.undo} deed={(token) => undoEmailChange(server, token)}>
      <MailboxNote />
      <p class="form-note">
        <a href={paths.login}>{t.forgotten.back}</a>
      </p>
    </LinkPage>
  );
}
