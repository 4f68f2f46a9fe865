// The verdict: a band, the sentence, what to do, the ladder of checks, and what a careless verifier makes of it.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { AcceptedSign, RefusedSign, UncheckedSign } from "../components/icons.tsx";
import { Prose } from "../components/prose.tsx";
import { t } from "../texts/language.ts";
import { asText } from "../token/parts.ts";
import { isAlgorithmSecret, Ladder } from "./ladder.tsx";
import type { Judgement } from "./judgement.ts";
import { sentencesFor } from "./sentences.ts";
import { header, isChanged, judgement, parts, signAnew, undo } from "./state.ts";

const texts = t.inspector.verdict;

/** Typing rests for so long before the verdict is spoken. */
const restMs = 600;

const spoken = signal("");

export function VerdictPanel(): JSX.Element {
  const verdict = judgement.value ?? { outcome: "unchecked", why: "no_key" };
  const { sentence, more } = sentencesFor(verdict);
  useSpeaking(`${t.verdict[verdict.outcome]}. ${sentence}`);
  const isRefused = verdict.outcome === "refused";
  const alg = asText(header.value?.["alg"]);
  const isNone = isRefused && verdict.reason === "algorithm_not_allowed" && alg.toLowerCase() === "none";
  return (
    <section class="verdict" aria-label={texts.label}>
      <header class={`band ${verdict.outcome}`}>
        <Sign outcome={verdict.outcome} />
        <h2>{t.verdict[verdict.outcome]}</h2>
        {isRefused && <code>{verdict.reason}</code>}
      </header>
      <div>
        <h3>
          <Prose text={sentence} />
        </h3>
        <p class="quiet">
          <Prose text={more} />
        </p>
        {isRefused && verdict.reason === "bad_signature" && <Signatures needs={verdict.needs} alg={alg} />}
        <div class="buttons verbs">
          {isChanged.value && (
            <Button kind="slight" onPress={undo}>
              {texts.undo}
            </Button>
          )}
          <Button kind="slight" onPress={signAnew}>
            {texts.sign}
          </Button>
        </div>
      </div>
      <div>
        <Ladder verdict={verdict} />
      </div>
      {(isNone || (isRefused && verdict.reason === "bad_signature")) && (
        <div>
          <h3>{texts.careless}</h3>
          <p class="quiet">{isNone ? texts.carelessNone : texts.carelessMore}</p>
        </div>
      )}
      <p class="away" role="status">
        {spoken.value}
      </p>
    </section>
  );
}

function Sign({ outcome }: { readonly outcome: Judgement["outcome"] }): JSX.Element {
  if (outcome === "accepted") return <AcceptedSign size={32} />;
  return outcome === "refused" ? <RefusedSign size={32} /> : <UncheckedSign size={32} />;
}

/** The signature it has, and the one it needs where a secret is known that tells. */
function Signatures({
  needs,
  alg,
}: {
  readonly needs: string | undefined;
  readonly alg: string;
}): JSX.Element {
  return (
    <>
      <dl class="pair">
        <dt>{texts.has}</dt>
        <dd class="mono">{parts.value?.signature}</dd>
        {needs !== undefined && (
          <>
            <dt>{texts.needs}</dt>
            <dd class="mono want">{needs}</dd>
          </>
        )}
      </dl>
      {needs === undefined && (
        <p class="small quiet">{isAlgorithmSecret(alg) ? texts.onlyServer : texts.onlyPrivate}</p>
      )}
    </>
  );
}

function useSpeaking(text: string): void {
  useEffect(() => {
    const timer = setTimeout(() => (spoken.value = text), restMs);
    return () => clearTimeout(timer);
  }, [text]);
}
