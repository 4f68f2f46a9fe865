// Where the mail about a forgotten password leads. Opening it does nothing: the click that sets the password sends.
import { ApiError, type MailedSecret } from "@countersign/client";
import { resetPassword } from "@countersign/client/recovery";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field, FormError } from "../components/field.tsx";
import { EmailField } from "../login/email-field.tsx";
import { expectDevice, server } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import { takeMailedToken } from "./mailed-token.ts";
import "../login/login.css";

const texts = t.reset;

export function ResetPage(): JSX.Element {
  const token = useSignal(takeMailedToken());
  const email = useSignal("");
  const code = useSignal("");
  const password = useSignal("");
  const isSet = useSignal(false);
  const { refused, working, submit } = useAttempt(async () => {
    const secret: MailedSecret =
      token.value === undefined ? { email: email.value, code: code.value } : { token: token.value };
    expectDevice(await resetPassword(server, { ...secret, newPassword: password.value }));
    isSet.value = true;
  }, refusalOf);

  if (isSet.value) {
    return (
      <Page key="set" title={texts.setTitle} lead={texts.set} narrow>
        <p class="form-note">
          <a class="button primary" href={paths.login}>
            {t.login.action}
          </a>
        </p>
      </Page>
    );
  }
  const error = refused.value;
  return (
    <Page key="ask" title={texts.title} lead={token.value === undefined ? texts.leadCode : texts.lead} narrow>
      <form class="form" onSubmit={submit} noValidate>
        <FormError text={error?.isPassword === false ? error.text : undefined} />
        {error?.isPassword === false && (
          <p class="form-note-near">
            <a href={paths.forgotten}>{texts.another}</a>
          </p>
        )}
        {token.value === undefined && (
          <>
            <EmailField email={email} />
            <Field
              label={texts.code}
              name="code"
              autocomplete="one-time-code"
              value={code.value}
              onChange={(value) => (code.value = value)}
              hint={texts.codeHint}
            />
          </>
        )}
        <Field
          label={t.account.newPassword}
          name="new-password"
          type="password"
          autocomplete="new-password"
          value={password.value}
          onChange={(value) => (password.value = value)}
          hint={t.account.passwordHint}
          error={error?.isPassword === true ? error.text : undefined}
        />
        <div class="buttons">
          <Button kind="primary" type="submit" busy={working.value}>
            {texts.action}
          </Button>
        </div>
      </form>
    </Page>
  );
}

function refusalOf(error: unknown): { readonly isPassword: boolean; readonly text: string } {
  const isPassword = error instanceof ApiError && error.code.startsWith("password");
  return { isPassword, text: sentenceOf(error) };
}
