// What all steps have: number, title, lead, what they show, one primary button, and the receipt beside them.
import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { FormError } from "../components/field.tsx";
import { sentenceOf } from "../session/sentences.ts";
import { useArrival, useTitle } from "../shell/page.tsx";
import { t } from "../texts/language.ts";
import type { Sent } from "./exchange.ts";
import { Receipt } from "./receipt.tsx";
import { current, goTo, lastStep, receiptOf, spoken } from "./state.ts";

export interface StepFrameProps {
  readonly number: number;
  readonly lead: string;
  readonly children?: ComponentChildren;
  /** What the primary button does now. Without it the step is done, and the button leads on. */
  readonly action: { readonly label: string; readonly run: () => unknown } | undefined;
  readonly planned?: Sent | undefined;
  readonly secondary?: ComponentChildren;
  readonly aside?: ComponentChildren;
}

/** Whoever steps on with the primary button finds it under their finger in the next step, too. */
const keepsFocus = signal(false);

export function StepFrame(props: StepFrameProps): JSX.Element {
  const { number, lead, children, action, planned, secondary, aside } = props;
  const title = t.story.titles[number - 1] ?? "";
  const primary = useRef<HTMLButtonElement>(null);
  const refused = useSignal<string | undefined>(undefined);
  const heading = useArrivalUnlessStepping();
  useTitle(title);
  useLayoutEffect(() => {
    if (!keepsFocus.value) return;
    keepsFocus.value = false;
    scrollTo({ top: 0, behavior: "instant" });
    primary.current?.focus({ preventScroll: true });
  }, []);

  async function press(): Promise<void> {
    refused.value = undefined;
    if (action === undefined) {
      stepTo(number + 1);
      return;
    }
    try {
      await action.run();
    } catch (error) {
      refused.value = sentenceOf(error);
    }
  }

  const isLast = number === lastStep && action === undefined;
  return (
    <>
      <main id="main">
        <p class="small quiet step-of">{t.story.stepOf(number)}</p>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p class="lead">{lead}</p>
        {/* A press of Enter in a field presses the primary button. */}
        <form noValidate onSubmit={(event) => event.preventDefault()}>
          {children}
          <FormError text={refused.value} />
          <div class="buttons step-buttons">
            {!isLast && (
              <Button kind="primary" type="submit" buttonRef={primary} onPress={press}>
                {action?.label ?? t.story.next(t.story.titles[number] ?? "")}
                {action === undefined && <kbd aria-hidden="true">→</kbd>}
              </Button>
            )}
            {secondary}
          </div>
        </form>
      </main>
      <aside class="receipt" aria-label={t.receipt.after}>
        <Receipt items={receiptOf(number)} planned={planned} />
        {aside !== undefined && <div class="aside">{aside}</div>}
      </aside>
    </>
  );
}

/** Goes to a step with the focus on its primary button. */
export function stepTo(step: number): void {
  if (step < 1 || step > lastStep || step === current.value) return;
  keepsFocus.value = true;
  goTo(step);
  spoken.value = `${t.story.stepOf(step)}. ${t.story.titles[step - 1] ?? ""}`;
}

function useArrivalUnlessStepping(): ReturnType<typeof useArrival> {
  const arrival = useArrival();
  const plain = useRef<HTMLHeadingElement>(null);
  return keepsFocus.peek() ? plain : arrival;
}
