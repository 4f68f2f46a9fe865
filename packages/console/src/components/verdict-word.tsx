// "Accepted" or "Refused": a word, a sign, and a fill for the refusal alone, as red and green look alike to many.
import type { JSX } from "preact";
import { t } from "../texts/language.ts";
import { AcceptedSign, RefusedSign } from "./icons.tsx";

export function VerdictWord(props: {
  readonly isAccepted: boolean;
  readonly status?: number | undefined;
}): JSX.Element {
  const { isAccepted, status } = props;
  return (
    <span class={isAccepted ? "word" : "word refused"}>
      {isAccepted ? <AcceptedSign /> : <RefusedSign />}
      <span>
        {isAccepted ? t.verdict.accepted : t.verdict.refused}
        {status !== undefined && ` ${status}`}
      </span>
    </span>
  );
}
