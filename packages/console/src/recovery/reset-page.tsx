// Where the mail about a forgotten password leads. Opening it does nothing: the click that sets the password sends.
import { ApiError, type MailedSecret } from "@countersign/client";
import { resetPassword } from "@countersign/client/recovery";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Button } from "../components/button.tsx";
import { Field, FormError } from "../components/field.tsx";
import { expectDevice, fetchWithoutCookies } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { apiBase } from "../shell/base.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import { takeMailedToken } from "./mailed-token.ts";
import "../login/login.css";

const texts = t.reset;

interface Refused {
  readonly isPassword: boolean;
  readonly text: string;
}

export function ResetPage(): JSX.Element {
  const token = useSignal(takeMailedToken());
  const email = useSignal("");
  const code = useSignal("");
  const password = useSignal("");
  const refused = useSignal<Refused | undefined>(undefined);
  const isSet = useSignal(false);
  const working = useSignal(false);

  async function set(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (working.value) return;
    working.value = true;
    refused.value = undefined;
    const secret: MailedSecret =
      token.value === undefined ? { email: email.value, code: code.value } : { token: token.value };
    try {
      const server = { baseUrl: apiBase.href, fetch: fetchWithoutCookies };
      expectDevice(await resetPassword(server, { ...secret, newPassword: password.value }));
      isSet.value = true;
    } catch (error) {
      refused.value = {
        isPassword: error instanceof ApiError && error.code.startsWith("password"),
        text: sentenceOf(error),
      };
    } finally {
      working.value = false;
    }
  }

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
      <form class="form" onSubmit={(event) => void set(event)} noValidate>
        <FormError text={error?.isPassword === false ? error.text : undefined} />
        {error?.isPassword === false && (
          <p class="form-note-near">
            <a href={paths.forgotten}>{texts.another}</a>
          </p>
        )}
        {token.value === undefined && (
          <>
            <Field
              label={t.common.email}
              name="email"
              type="email"
              autocomplete="username"
              value={email.value}
              onChange={(value) => (email.value = value)}
            />
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
