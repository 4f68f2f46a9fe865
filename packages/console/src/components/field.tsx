// A text to type in, with its label above and its hint below; an error takes the hint's place.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../texts/language.ts";
import { RefusedSign } from "./icons.tsx";
import { Prose } from "./prose.tsx";

export interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: "text" | "email" | "password";
  readonly autocomplete?: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly required?: boolean;
  /** For digits, so that phones show them. */
  readonly inputMode?: "numeric";
  /** Takes the focus when it appears. */
  readonly focused?: boolean;
}

export function Field(props: FieldProps): JSX.Element {
  const { label, name, value, onChange, type = "text", hint, error, required = true } = props;
  const id = useId();
  const shown = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.focused === true) input.current?.focus();
  }, []);
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="input">
        <input
          ref={input}
          id={id}
          name={name}
          {...typeOf(type, shown.value)}
          value={value}
          inputMode={props.inputMode}
          required={required}
          autocomplete={props.autocomplete ?? "off"}
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={error === undefined ? undefined : "true"}
          aria-describedby={note === undefined ? undefined : noteId}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
        {type === "password" && (
          <button
            type="button"
            class="link show"
            aria-pressed={shown.value}
            onClick={() => (shown.value = !shown.value)}
          >
            {shown.value ? t.common.hide : t.common.show}
            <span class="away"> {label}</span>
          </button>
        )}
      </div>
      {error !== undefined ? (
        <p class="error" id={noteId}>
          <RefusedSign />
          <span>
            <Prose text={error} />
          </span>
        </p>
      ) : hint !== undefined ? (
        <p class="hint" id={noteId}>
          <Prose text={hint} />
        </p>
      ) : null}
    </div>
  );
}

function typeOf(type: "text" | "email" | "password", isShown: boolean): { readonly type: "text" } {
  // The types of JSX know each type of input by itself, and no choice among them.
  return { type: (type === "password" && isShown ? "text" : type) as "text" };
}

/** What was wrong with a form as a whole. */
export function FormError({ text }: { readonly text: string | undefined }): JSX.Element {
  return (
    <div role="alert">
      {text !== undefined && (
        <p class="form-error">
          <RefusedSign size={18} />
          <span>
            <Prose text={text} />
          </span>
        </p>
      )}
    </div>
  );
}
