// Make an account, and be logged in to it; or be sent to one's mail, where sign-up does not tell who has an account.
import { ApiError } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Button } from "../components/button.tsx";
import { Field, FormError } from "../components/field.tsx";
import { MailSent } from "../recovery/mail-sent.tsx";
import { takeMailedToken } from "../recovery/mailed-token.ts";
import { client, logIn } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import { useCredentialsForm } from "./credentials-form.ts";
import { EmailField } from "./email-field.tsx";
import "./login.css";

const texts = t.signup;

interface Refused {
  readonly at: "email" | "password" | "form";
  readonly text: string;
  readonly isTaken: boolean;
}

export function SignupPage(): JSX.Element {
  const token = useSignal(takeMailedToken());
  /** It goes on in a mail to this address: what the page says then. */
  const sent = useSignal<string | undefined>(undefined);
  const { email, password, refused, working, submit } = useCredentialsForm(async (credentials) => {
    const invitation = token.value;
    const made = await client.signup({ ...credentials, ...(invitation !== undefined && { invitation }) });
    if ("status" in made) {
      sent.value = texts.sent(credentials.email);
      return false;
    }
    try {
      await logIn(credentials);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "email_unverified") throw error;
      sent.value = texts.confirm(credentials.email);
      return false;
    }
  }, refusalOf);
  if (sent.value !== undefined) return <MailSent lead={sent.value} codePath={paths.verify} />;

  const errorAt = (place: Refused["at"]): string | undefined =>
    refused.value?.at === place ? refused.value.text : undefined;
  return (
    <Page key="ask" title={texts.title} lead={token.value === undefined ? undefined : texts.invited} narrow>
      <form class="form" onSubmit={submit} noValidate>
        <FormError text={errorAt("form")} />
        <EmailField email={email} error={errorAt("email")} />
        {refused.value?.isTaken === true && (
          <p class="small form-note-near">
            <a href={paths.login}>{texts.taken}</a>
          </p>
        )}
        <Field
          label={t.common.password}
          name="new-password"
          type="password"
          autocomplete="new-password"
          value={password.value}
          onChange={(value) => (password.value = value)}
          hint={texts.passwordHint}
          error={errorAt("password")}
        />
        <div class="buttons">
          <Button kind="primary" type="submit" busy={working.value}>
            {texts.action}
          </Button>
        </div>
      </form>
      <p class="form-note">
        {texts.other} <a href={paths.login}>{texts.otherLink}</a>
      </p>
    </Page>
  );
}

function refusalOf(error: unknown): Refused {
  const code = error instanceof ApiError ? error.code : "";
  const text = code === "code_invalid" ? texts.notInvited : sentenceOf(error);
  const at = code.startsWith("email") ? "email" : code.startsWith("password") ? "password" : "form";
  return { at, text, isTaken: code === "email_taken" };
}
