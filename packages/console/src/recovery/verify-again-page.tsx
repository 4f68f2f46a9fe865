// The mail that confirms an address, once more.
import { requestEmailVerification } from "@countersign/client/email";
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

const texts = t.verifyAgain;

export function VerifyAgainPage(): JSX.Element {
  const email = useSignal("");
  const sentTo = useSignal<string | undefined>(undefined);
  const { refused, working, submit } = useAttempt(async () => {
    await requestEmailVerification(server, email.value);
    sentTo.value = email.value;
  }, sentenceOf);

  if (sentTo.value !== undefined) return <MailSent lead={texts.sent(sentTo.value)} codePath={paths.verify} />;
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
        <a href={paths.verify}>{t.mailSent.haveCode}</a>
      </p>
    </Page>
  );
}
