// The checks in the engine's order. Below the one that fails nothing is read.
import type { JSX } from "preact";
import { Cross, Dash, Tick } from "../components/icons.tsx";
import { t } from "../texts/language.ts";
import { asText } from "../token/parts.ts";
import { type Rung, rungs } from "../token/verdict.ts";
import type { Judgement } from "./judgement.ts";
import { checkWith, header } from "./state.ts";

const texts = t.inspector.rungs;

type State = "ok" | "no" | "off";

export function Ladder({ verdict }: { readonly verdict: Judgement }): JSX.Element {
  const failing = verdict.outcome === "refused" ? rungs.indexOf(verdict.rung) : undefined;
  return (
    <ol class="checks">
      {rungs.map((rung, index) => (
        <Check key={rung} rung={rung} state={stateOf(verdict.outcome, index, failing)} />
      ))}
    </ol>
  );
}

/** Without a key the form alone can be judged. */
function stateOf(outcome: Judgement["outcome"], index: number, failing: number | undefined): State {
  if (outcome === "accepted") return "ok";
  if (failing === undefined) return index === 0 ? "ok" : "off";
  return index < failing ? "ok" : index === failing ? "no" : "off";
}

function Check({ rung, state }: { readonly rung: Rung; readonly state: State }): JSX.Element {
  return (
    <li class={state}>
      {state === "ok" ? <Tick /> : state === "no" ? <Cross /> : <Dash />}
      <span>
        {texts[rung]}
        <span class="away">: {texts.states[state]}</span>
      </span>
      <span class="detail">{detailOf(rung, state)}</span>
    </li>
  );
}

function detailOf(rung: Rung, state: State): string {
  if (state === "off") return texts.notRead;
  if (rung === "algorithm") return asText(header.value?.["alg"] ?? texts.no.algorithm);
  if (rung === "key") {
    return state === "ok" ? t.inspector.check.kinds[checkWith.value] : texts.no.key;
  }
  return state === "ok" ? texts.ok[rung] : texts.no[rung];
}

/** Whether one secret both signs and checks. */
export function isAlgorithmSecret(alg: string): boolean {
  return /^HS\d/.test(alg);
}
