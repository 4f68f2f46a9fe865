// A step whose beginning is missing says so, and leads there.
import type { JSX } from "preact";
import { t } from "../../texts/language.ts";
import { hasAccount, liveToken, secondsLeft, tokens } from "../state.ts";
import { StepFrame, stepTo } from "../step-frame.tsx";

export type Need = "account" | "token";

/** What is missing of what a step needs. */
export function missing(need: Need): { readonly step: number; readonly text: string } | undefined {
  if (!hasAccount.value) return { step: 1, text: t.story.needs.account };
  if (need === "account" || liveToken.value !== undefined) return undefined;
  const isSpent = tokens.value !== undefined && secondsLeft.value <= 2;
  return { step: 2, text: isSpent ? t.story.needs.newToken : t.story.needs.token };
}

export function Needs(props: {
  readonly number: number;
  readonly lead: string;
  readonly missing: { readonly step: number; readonly text: string };
}): JSX.Element {
  const { number, lead, missing } = props;
  return (
    <StepFrame
      number={number}
      lead={lead}
      action={{ label: t.story.goTo(missing.step), run: () => stepTo(missing.step) }}
    >
      <p class="result">{missing.text}</p>
    </StepFrame>
  );
}
