// "Confirm it is you": the one dialog of the console, before what the server wants a recent login for.
import { SecondFactorRequiredError } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { FactorForm } from "../login/factor-form.tsx";
import { PasskeyButton } from "../login/passkey-button.tsx";
import type { Confirmation } from "../session/fresh-login.ts";
import { logIn, me } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { t } from "../texts/language.ts";
import { say } from "./toast.tsx";
import "../login/login.css";

const texts = t.confirm;

export function ConfirmDialog({ settle }: Confirmation): JSX.Element {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const asked = useSignal<SecondFactorRequiredError | undefined>(undefined);
  const password = useSignal("");
  const isConfirmed = useRef(false);
  const account = useRef(me.value);
  useEffect(() => dialog.current?.showModal(), []);

  /** The browser gives the focus back to what had it. */
  function close(confirmed: boolean): void {
    isConfirmed.current = confirmed;
    dialog.current?.close();
  }

  /** A passkey says whose it is: what waits is done for nobody else. */
  function isIn(): void {
    const isSame = me.value?.id === account.current?.id;
    if (!isSame) say(texts.other(me.value?.email ?? ""));
    close(isSame);
  }

  const { refused, working, submit } = useAttempt(async () => {
    try {
      await logIn({ email: me.value?.email ?? "", password: password.value });
      close(true);
    } catch (error) {
      if (!(error instanceof SecondFactorRequiredError)) throw error;
      asked.value = error;
    }
  }, sentenceOf);

  const letBe = <Button onPress={() => close(false)}>{t.common.cancel}</Button>;
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={`${id}-title`}
      onClose={() => settle(isConfirmed.current)}
    >
      <h2 id={`${id}-title`}>{texts.title}</h2>
      <p class="quiet">{asked.value === undefined ? texts.text : t.factor.lead}</p>
      {asked.value === undefined ? (
        <form class="form" onSubmit={submit} noValidate>
          <input
            class="away"
            type="text"
            name="email"
            autocomplete="username"
            value={me.value?.email ?? ""}
            readOnly
            tabIndex={-1}
            aria-hidden="true"
          />
          <Field
            label={t.common.password}
            name="password"
            type="password"
            autocomplete="current-password"
            focused
            value={password.value}
            onChange={(value) => (password.value = value)}
            error={refused.value}
          />
          <div class="buttons">
            <Button kind="primary" type="submit" busy={working.value}>
              {texts.action}
            </Button>
            <PasskeyButton onIn={isIn} onRefused={(why) => (refused.value = why)} />
            {letBe}
          </div>
        </form>
      ) : (
        <FactorForm
          asked={asked.value}
          onRight={() => close(true)}
          onOver={(why) => {
            asked.value = undefined;
            refused.value = why;
          }}
        >
          {letBe}
        </FactorForm>
      )}
    </dialog>
  );
}
