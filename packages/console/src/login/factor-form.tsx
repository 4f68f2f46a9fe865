// The second half of a login: a code from the app, or one of those that were kept for when it is gone.
import { ApiError, type SecondFactorRequiredError } from "@countersign/client";
import { hasPasskeys } from "@countersign/client/passkeys";
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field, FormError } from "../components/field.tsx";
import { logInWithPasskeyAsFactor, passkeySentenceOf } from "../session/passkeys.ts";
import { logInWithFactor } from "../session/session.ts";
import { t } from "../texts/language.ts";

const texts = t.factor;

type CodeKind = "totp" | "recovery_code";

export interface FactorFormProps {
  /** What the password was answered with. */
  readonly asked: SecondFactorRequiredError;
  readonly onRight: () => void;
  /** The first half counts no more, and has to be done again; why, as a sentence. */
  readonly onOver: (why: string) => void;
  readonly children?: ComponentChildren;
}

export function FactorForm({ asked, onRight, onOver, children }: FactorFormProps): JSX.Element {
  const kinds = asked.factors.filter((factor): factor is CodeKind => factor !== "passkey");
  const kind = useSignal<CodeKind>(kinds.includes("totp") ? "totp" : "recovery_code");
  const byPasskey = useSignal(asked.factors.includes("passkey") && hasPasskeys());
  const code = useSignal("");
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  function change(to: CodeKind): void {
    byPasskey.value = false;
    kind.value = to;
    code.value = "";
    refused.value = undefined;
  }

  const { refused, working, submit } = useAttempt(async () => {
    const { loginChallenge } = asked;
    try {
      await (byPasskey.value
        ? logInWithPasskeyAsFactor(loginChallenge)
        : logInWithFactor({ login_challenge: loginChallenge, factor: kind.value, code: code.value.trim() }));
      onRight();
    } catch (error) {
      if (!(error instanceof ApiError && isOver(error))) throw error;
      onOver(texts.over);
    }
  }, refusalOf);

  function refusalOf(error: unknown): string {
    const isRefused = error instanceof ApiError && error.code === "second_factor_invalid";
    return byPasskey.value && isRefused ? t.errors.codes.passkey_invalid : passkeySentenceOf(error);
  }

  if (byPasskey.value) {
    return (
      <form class="form" onSubmit={submit}>
        <FormError text={refused.value} />
        <div class="buttons">
          <Button kind="primary" type="submit" busy={working.value} buttonRef={first}>
            {t.passkeys.asFactor}
          </Button>
          {children}
        </div>
        {kinds.map((each, index) => (
          <p key={each} class={index === 0 ? "form-note" : "form-note form-note-next"}>
            <button type="button" class="link" onClick={() => change(each)}>
              {texts.codes[each].insteadOfPasskey}
            </button>
          </p>
        ))}
      </form>
    );
  }
  if (kinds.length === 0) return <FormError text={t.passkeys.problems.unavailable} />;
  const other = kinds.find((each) => each !== kind.value);
  return (
    <form class="form" onSubmit={submit} noValidate>
      <Field
        key={kind.value}
        label={texts.codes[kind.value].label}
        name={kind.value}
        autocomplete="one-time-code"
        {...(kind.value === "totp" ? { inputMode: "numeric" as const } : {})}
        focused
        value={code.value}
        onChange={(value) => (code.value = value)}
        hint={texts.codes[kind.value].hint}
        error={refused.value}
      />
      <div class="buttons">
        <Button kind="primary" type="submit" busy={working.value}>
          {t.login.action}
        </Button>
        {children}
      </div>
      {other !== undefined && (
        <p class="form-note">
          <button type="button" class="link" onClick={() => change(other)}>
            {texts.codes[other].instead}
          </button>
        </p>
      )}
    </form>
  );
}

/** `invalid_credentials`: the account was disabled since, or has another password. */
function isOver({ code }: ApiError): boolean {
  return code === "login_challenge_invalid" || code === "invalid_credentials";
}
