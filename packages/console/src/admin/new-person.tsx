// An account for somebody else: without a password, which its owner sets by a mail.
import { ApiError } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLocation } from "preact-iso";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { sentenceOf } from "../session/sentences.ts";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";
import { makePerson } from "./admin-calls.ts";

const texts = t.admin.newPerson;

export function NewPerson({ onLetBe }: { readonly onLetBe: () => void }): JSX.Element {
  const { route } = useLocation();
  const email = useSignal("");
  const name = useSignal("");
  const { refused, working, submit } = useAttempt(async () => {
    const wanted = name.value.trim();
    const { id } = await makePerson({ email: email.value, ...(wanted === "" ? {} : { name: wanted }) });
    route(`${paths.people}/${id}`);
  }, refusalOf);

  return (
    <form
      class="new-person"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Escape") onLetBe();
      }}
      noValidate
    >
      <h2>{texts.title}</h2>
      <p class="quiet">{texts.lead}</p>
      <Field
        label={t.common.email}
        name="email"
        type="email"
        focused
        value={email.value}
        onChange={(value) => (email.value = value)}
        error={refused.value?.isEmail === true ? refused.value.text : undefined}
      />
      <Field
        label={texts.name}
        name="name"
        required={false}
        value={name.value}
        onChange={(value) => (name.value = value)}
        hint={texts.nameHint}
        error={refused.value?.isEmail === false ? refused.value.text : undefined}
      />
      <div class="buttons">
        <Button kind="primary" type="submit" busy={working.value}>
          {texts.action}
        </Button>
        <Button onPress={onLetBe}>{t.common.cancel}</Button>
      </div>
    </form>
  );
}

function refusalOf(error: unknown): { readonly isEmail: boolean; readonly text: string } {
  const isEmail = error instanceof ApiError && error.code.startsWith("email");
  return { isEmail, text: sentenceOf(error) };
}
