// Where the mail that confirms an address leads. Opening it does nothing: the click sends.
import { ApiError, type MailedSecret } from "@countersign/client";
import { verifyEmail } from "@countersign/client/email";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { AskingButton } from "../components/asking-button.tsx";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field, FormError } from "../components/field.tsx";
import { EmailField } from "../login/email-field.tsx";
import { client, isAway, me, restore, server } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import { MailboxNote } from "./mail-sent.tsx";
import { takeMailedToken } from "./mailed-token.ts";
import "../login/login.css";

const texts = t.verify;

interface Refused {
  readonly at: "password" | "form";
  readonly text: string;
}

export function VerifyPage(): JSX.Element | null {
  const token = useSignal(takeMailedToken());
  const email = useSignal("");
  const code = useSignal("");
  const password = useSignal("");
  /** Whoever is logged in may hold a mail about another account. */
  const isOther = useSignal(false);
  const outcome = useSignal<"confirmed" | "voided" | undefined>(undefined);
  const { refused, working, submit } = useAttempt<Refused>(() => verify(password.value), refusalOf);

  /** Without a password and a login, nothing shows that whoever signed up is whoever reads the mail. */
  async function verify(shown: string): Promise<void> {
    const secret: MailedSecret =
      token.value === undefined ? { email: email.value, code: code.value } : { token: token.value };
    const asking = me.value === null || me.value === undefined || isOther.value ? server : client;
    const isVoided = await verifyEmail(asking, { ...secret, ...(shown !== "" && { password: shown }) });
    outcome.value = isVoided ? "voided" : "confirmed";
    await restore();
  }

  // Who is logged in decides what is asked for.
  if (me.value === undefined && !isAway.value) return null;
  const account = me.value ?? undefined;
  if (outcome.value !== undefined) return <Verified isVoided={outcome.value === "voided"} />;
  const isAsked = account === undefined || isOther.value;
  const error = refused.value;
  return (
    <Page title={texts.title} lead={token.value === undefined ? texts.leadCode : texts.lead} narrow>
      <form class="form" onSubmit={submit} noValidate>
        <FormError text={error?.at === "form" ? error.text : undefined} />
        {error?.at === "form" && (
          <p class="form-note-near">
            <a href={paths.verifyAgain}>{texts.another}</a>
          </p>
        )}
        {token.value === undefined && (
          <>
            <EmailField email={email} />
            <Field
              label={t.reset.code}
              name="code"
              autocomplete="one-time-code"
              value={code.value}
              onChange={(value) => (code.value = value)}
              hint={t.reset.codeHint}
            />
          </>
        )}
        {isAsked ? (
          <Field
            label={t.common.password}
            name="password"
            type="password"
            autocomplete="current-password"
            value={password.value}
            onChange={(value) => (password.value = value)}
            hint={texts.passwordHint}
            error={error?.at === "password" ? error.text : undefined}
          />
        ) : (
          <p class="quiet">{texts.asYou(account.email)}</p>
        )}
        <div class="buttons">
          <Button kind="primary" type="submit" busy={working.value}>
            {texts.action}
          </Button>
        </div>
      </form>
      <div class="form-note">
        {isAsked ? (
          <AskingButton
            verb={texts.without}
            question={texts.askWithout}
            keep={t.common.cancel}
            onDo={() => verify("").catch((cause: unknown) => (refused.value = refusalOf(cause)))}
          />
        ) : (
          <button type="button" class="link" onClick={() => (isOther.value = true)}>
            {texts.other}
          </button>
        )}
      </div>
    </Page>
  );
}

function Verified({ isVoided }: { readonly isVoided: boolean }): JSX.Element {
  const isStranger = me.value === null || me.value === undefined;
  return (
    <Page key="done" title={texts.doneTitle} lead={isVoided ? texts.voided : texts.done} narrow>
      {isVoided && <MailboxNote />}
      <p class="form-note">
        {isStranger ? (
          <a class="button primary" href={paths.login}>
            {t.login.action}
          </a>
        ) : (
          <a class="button primary" href={paths.account}>
            {t.login.toAccount}
          </a>
        )}
      </p>
    </Page>
  );
}

function refusalOf(error: unknown): Refused {
  const code = error instanceof ApiError ? error.code : "";
  if (code === "invalid_credentials") return { at: "password", text: texts.wrongPassword };
  if (code === "proof_needed") return { at: "password", text: texts.proofNeeded };
  return { at: "form", text: code === "code_invalid" ? texts.dead : sentenceOf(error) };
}
