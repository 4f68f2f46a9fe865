// A row of the account: label, value, and a change that happens in its place.
import type { Signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../texts/language.ts";
import "./row.css";

export interface RowProps {
  readonly label: string;
  readonly value: ComponentChildren;
  /** What came of the last change. */
  readonly said?: string | undefined;
  readonly action?: ComponentChildren;
}

export function Row({ label, value, said, action }: RowProps): JSX.Element {
  return (
    <section class="row">
      <h2>{label}</h2>
      <div class="value">
        {value}
        <p class="small said-now" role="status">
          {said}
        </p>
      </div>
      {action !== undefined && <div class="row-action">{action}</div>}
    </section>
  );
}

export interface EditableRowProps extends Omit<RowProps, "action"> {
  readonly verb?: string;
  readonly open: Signal<boolean>;
  /** Shown in the value's place while it is open. */
  readonly children: ComponentChildren;
}

/** Escape closes it; the focus goes in when it opens, and back to its button when it closes. */
export function EditableRow(props: EditableRowProps): JSX.Element {
  const { label, value, said, verb = t.account.change, open, children } = props;
  const id = useId();
  const form = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useLayoutEffect(() => {
    if (open.value) form.current?.querySelector("input")?.focus();
    else if (wasOpen.current) button.current?.focus();
    wasOpen.current = open.value;
  }, [open.value]);

  if (!open.value) {
    const action = (
      <button
        ref={button}
        type="button"
        class="button slight"
        aria-describedby={id}
        onClick={() => (open.value = true)}
      >
        {verb}
        <span class="away" id={id}>
          {" "}
          {label}
        </span>
      </button>
    );
    return <Row label={label} value={value} said={said} action={action} />;
  }
  return (
    <section class="row open">
      <h2>{label}</h2>
      <div
        ref={form}
        class="value"
        onKeyDown={(event) => {
          if (event.key === "Escape") open.value = false;
        }}
      >
        {children}
      </div>
    </section>
  );
}
