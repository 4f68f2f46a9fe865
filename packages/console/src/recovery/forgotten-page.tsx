// A forgotten password: a mail that leads to a new one. The answer is the same whether or not the address has an account.
import { requestPasswordReset } from "@countersign/client/recovery";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { EmailField } from "../login/email-field.tsx";
import { server } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import { MailSent } from "./mail-sent.tsx";
import "../login/login.css";

const texts = t.forgotten;

export function ForgottenPage(): JSX.Element {
  const email = useSignal("");
  const sentTo = useSignal<string | undefined>(undefined);
  const { refused, working, submit } = useAttempt(async () => {
    await requestPasswordReset(server, email.value);
    sentTo.value = email.value;
  }, sentenceOf);

  if (sentTo.value !== undefined) {
    return <MailSent lead={texts.sent(sentTo.value)} codePath={paths.reset} />;
  }
  return (
    <Page key="ask" title={texts.title} lead={texts.lead} narrow>
      <form class="form" onSubmit={submit} noValidate>
        <EmailField email={email} error={refused.value} />
        <div class="buttons">
          <Button kind="primary" type="submit" busy={working.value}>
            {texts.action}
          </Button>
        </div>
      </form>
      <p class="form-note">
        <a href={paths.login}>{texts.back}</a>
      </p>
    </Page>
  );
}
