// A field to search in, that `/` leads to.
import type { JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { isTyping } from "../shell/typing.ts";

export function SearchField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      event.preventDefault();
      input.current?.focus();
    }
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <div class="field search" role="search">
      <label for={id}>
        {props.label} <kbd aria-hidden="true">/</kbd>
      </label>
      <div class="input">
        <input
          ref={input}
          id={id}
          type="search"
          name="search"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={props.value}
          onInput={(event) => props.onChange(event.currentTarget.value)}
        />
      </div>
    </div>
  );
}
