// The address that somebody logs in with.
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { Field } from "../components/field.tsx";
import { t } from "../texts/language.ts";

export function EmailField(props: {
  readonly email: Signal<string>;
  readonly error?: string | undefined;
}): JSX.Element {
  const { email, error } = props;
  return (
    <Field
      label={t.common.email}
      name="email"
      type="email"
      autocomplete="username"
      value={email.value}
      onChange={(value) => (email.value = value)}
      error={error}
    />
  );
}
