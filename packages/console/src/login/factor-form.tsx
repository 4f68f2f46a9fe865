// The second half of a login: a code from the app, or one of those that were kept for when it is gone.
import { ApiError, type SecondFactorRequiredError } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { logInWithFactor } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
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
  const code = useSignal("");
  const { refused, working, submit } = useAttempt(async () => {
    try {
      await logInWithFactor({
        login_challenge: asked.loginChallenge,
        factor: kind.value,
        code: code.value.trim(),
      });
      onRight();
    } catch (error) {
      if (!(error instanceof ApiError && isOver(error))) throw error;
      onOver(texts.over);
    }
  }, sentenceOf);

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
          <button
            type="button"
            class="link"
            onClick={() => {
              kind.value = other;
              code.value = "";
              refused.value = undefined;
            }}
          >
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
