// What every form that is sent shares: one attempt at a time, and why the last one was refused.
import { type Signal, useSignal } from "@preact/signals";

export interface Attempt<Refusal> {
  /** Why the last attempt failed. */
  readonly refused: Signal<Refusal | undefined>;
  readonly working: Signal<boolean>;
  /** Of the form. */
  readonly submit: (event: SubmitEvent) => void;
}

/** What `work` throws is shown as `refusalOf` says. */
export function useAttempt<Refusal>(
  work: () => Promise<void>,
  refusalOf: (error: unknown) => Refusal,
): Attempt<Refusal> {
  const refused = useSignal<Refusal | undefined>(undefined);
  const working = useSignal(false);

  async function attempt(): Promise<void> {
    if (working.value) return;
    working.value = true;
    refused.value = undefined;
    try {
      await work();
    } catch (error) {
      refused.value = refusalOf(error);
    } finally {
      working.value = false;
    }
  }

  return {
    refused,
    working,
    submit(event) {
      event.preventDefault();
      void attempt();
    },
  };
}
