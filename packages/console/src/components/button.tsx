// A button that does something which may take a while: it stays what it is, and after a moment says that it waits.
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX, Ref } from "preact";

/** Sooner than that nobody waits. */
const patienceMs = 300;

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onPress?: () => unknown;
  readonly kind?: "primary" | "plain" | "slight" | "danger";
  readonly type?: "button" | "submit";
  /** Whatever it waits for that was not begun by a press. */
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly buttonRef?: Ref<HTMLButtonElement>;
  readonly describedBy?: string;
}

const classes = {
  primary: "button primary",
  plain: "button",
  slight: "button slight",
  danger: "button slight danger",
};

export function Button(props: ButtonProps): JSX.Element {
  const { children, onPress, kind = "plain", type = "button", busy = false, disabled = false } = props;
  const working = useSignal(false);
  const late = useSignal(false);

  async function press(): Promise<void> {
    if (working.value || busy || disabled) return;
    working.value = true;
    const timer = setTimeout(() => (late.value = true), patienceMs);
    try {
      await onPress?.();
    } finally {
      clearTimeout(timer);
      working.value = false;
      late.value = false;
    }
  }

  return (
    <button
      ref={props.buttonRef ?? null}
      type={type}
      class={classes[kind]}
      aria-disabled={disabled ? "true" : undefined}
      aria-busy={working.value || busy ? "true" : undefined}
      aria-describedby={props.describedBy}
      onClick={onPress === undefined ? undefined : () => void press()}
    >
      <span>
        {children}
        {late.value || busy ? "…" : ""}
      </span>
    </button>
  );
}
