// Log in to these pages: with the password, and with the second factor where the account has one.
import { ApiError, SecondFactorRequiredError } from "@countersign/client";
import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLocation } from "preact-iso";
import { Button } from "../components/button.tsx";
import { Field, FormError } from "../components/field.tsx";
import { logIn, me } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import { useCredentialsForm } from "./credentials-form.ts";
import { EmailField } from "./email-field.tsx";
import { FactorForm } from "./factor-form.tsx";
import { PasskeyButton } from "./passkey-button.tsx";
import "./login.css";

const texts = t.login;

export function LoginPage(): JSX.Element {
  const { route } = useLocation();
  /** What the right password was answered with. */
  const asked = useSignal<SecondFactorRequiredError | undefined>(undefined);
  const isOver = useSignal<string | undefined>(undefined);
  if (asked.value === undefined) return <PasswordPage asked={asked} why={isOver.value} />;
  return (
    <Page key="factor" title={t.factor.title} lead={t.factor.lead} narrow>
      <FactorForm
        asked={asked.value}
        onRight={() => route(paths.account)}
        onOver={(why) => {
          isOver.value = why;
          asked.value = undefined;
        }}
      />
    </Page>
  );
}

function PasswordPage(props: {
  readonly asked: Signal<SecondFactorRequiredError | undefined>;
  /** Why it has to be done again. */
  readonly why: string | undefined;
}): JSX.Element {
  const { route } = useLocation();
  const { email, password, refused, working, submit } = useCredentialsForm<Refused>(
    async (credentials, form) => {
      try {
        await patiently(
          () => logIn(credentials),
          () => (form.refused.value = { text: texts.retrying }),
        );
        return true;
      } catch (error) {
        if (!(error instanceof SecondFactorRequiredError)) throw error;
        props.asked.value = error;
        return false;
      }
    },
    refusalOf,
  );

  return (
    <Page key="password" title={texts.title} narrow>
      {me.value !== null && me.value !== undefined && (
        <p class="form-note">
          {texts.already(me.value.email)} <a href={paths.account}>{texts.toAccount}</a>
        </p>
      )}
      <form class="form" onSubmit={submit} noValidate>
        <FormError text={refused.value?.text ?? props.why} />
        {refused.value?.isUnverified === true && (
          <p class="form-note-near">
            <a href={paths.verifyAgain}>{t.verify.another}</a>
          </p>
        )}
        <EmailField email={email} passkeys />
        <Field
          label={t.common.password}
          name="password"
          type="password"
          autocomplete="current-password"
          value={password.value}
          onChange={(value) => (password.value = value)}
        />
        <div class="buttons">
          <Button kind="primary" type="submit" busy={working.value}>
            {texts.action}
          </Button>
          <PasskeyButton
            suggests
            onIn={() => route(paths.account)}
            onRefused={(text) => (refused.value = text === undefined ? undefined : { text })}
          />
        </div>
      </form>
      <p class="form-note">
        <a href={paths.forgotten}>{texts.forgotten}</a>
      </p>
      <p class="form-note form-note-next">
        {texts.other} <a href={paths.signup}>{texts.otherLink}</a>
      </p>
    </Page>
  );
}

interface Refused {
  readonly text: string;
  readonly isUnverified?: boolean;
}

function refusalOf(error: unknown): Refused {
  const isUnverified = error instanceof ApiError && error.code === "email_unverified";
  return { text: sentenceOf(error), isUnverified };
}

const retryMs = 2000;
const attempts = 5;

/** Where all hashing is busy, the same again in a moment; the person waits once, and not at the button. */
async function patiently(work: () => Promise<void>, onWait: () => void): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "busy" || attempt === attempts) throw error;
      onWait();
      await new Promise((resolve) => setTimeout(resolve, (error.retryAfterSeconds ?? retryMs / 1000) * 1000));
    }
  }
}
