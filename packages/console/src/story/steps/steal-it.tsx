// Step 6: a copied refresh token gives itself away.
import type { TokenResponse } from "@countersign/client";
import type { JSX } from "preact";
import { VerdictWord } from "../../components/verdict-word.tsx";
import { t } from "../../texts/language.ts";
import { findRow } from "../activity.ts";
import { type Answer, exchange, type Sent } from "../exchange.ts";
import { addRow, complete, credentials, remembered, spoken, startReceipt } from "../state.ts";
import { StepFrame } from "../step-frame.tsx";
import { loginRequest, sessionOf } from "./log-in.tsx";
import { missing, Needs } from "./needs.tsx";

const texts = t.story.stealIt;

type Deed = "copy" | "renew" | "renewAgain" | "thief" | "renewOnceMore";

const deeds: readonly Deed[] = ["copy", "renew", "renewAgain", "thief", "renewOnceMore"];

interface Theft {
  readonly sessionId: string | undefined;
  /** The refresh token that was copied. */
  readonly copy: string;
  /** The one that the owner has now. */
  readonly own: string;
  readonly answers: readonly Answer[];
}

const theft = remembered<Theft | undefined>(undefined);

const renewal = (refreshToken: string): Sent => ({
  method: "POST",
  path: "token",
  form: { grant_type: "refresh_token", refresh_token: refreshToken },
});

export function StealIt(): JSX.Element {
  const lacking = missing("account");
  if (lacking !== undefined) return <Needs number={6} lead={texts.lead} missing={lacking} />;
  const known = theft.value;
  const next = deeds[known?.answers.length ?? 0];
  const planned =
    known === undefined
      ? loginRequest(credentials.value)
      : renewal(next === "thief" ? known.copy : known.own);

  async function run(deed: Deed): Promise<void> {
    const answer = await exchange(planned);
    const add = startReceipt(6, { kind: "sent", sent: planned }, { kind: "answered", answer });
    spoken.value = t.receipt.answered(answer.status);
    const body = answer.body as unknown as TokenResponse;
    if (deed === "copy") {
      if (answer.status !== 200) return;
      const refreshToken = body.refresh_token;
      theft.value = {
        sessionId: sessionOf(body.access_token),
        copy: refreshToken,
        own: refreshToken,
        answers: [answer],
      };
      const opened = findRow(
        credentials.value,
        ({ event, sid }) => event === "session_opened" && sid === theft.value?.sessionId,
      );
      addRow(add, opened);
      return;
    }
    if (known === undefined) return;
    const own = answer.status === 200 ? body.refresh_token : known.own;
    theft.value = { ...known, own, answers: [...known.answers, answer] };
    if (deed === "renewOnceMore") complete(6);
    if (deed === "thief" || deed === "renewOnceMore") {
      const { sessionId } = known;
      const row = findRow(
        credentials.value,
        ({ event, sid }) => event === "renewal_reused" && sid === sessionId,
      );
      addRow(add, row, texts.rowNote);
    }
  }

  return (
    <StepFrame
      number={6}
      lead={texts.lead}
      action={next === undefined ? undefined : { label: texts.actions[next], run: () => run(next) }}
      planned={planned}
    >
      {known !== undefined && (
        <ol class="ledger">
          {known.answers.map((answer, index) => (
            <Entry key={deeds[index]} deed={deeds[index] ?? "copy"} answer={answer} />
          ))}
        </ol>
      )}
      {next === "renewOnceMore" && <p class="result">{texts.caught}</p>}
      {next === undefined && <p class="result">{texts.result}</p>}
    </StepFrame>
  );
}

function Entry({ deed, answer }: { readonly deed: Deed; readonly answer: Answer }): JSX.Element {
  return (
    <li class={deed === "thief" ? "thief" : undefined}>
      <b>{deed === "thief" ? texts.thief : texts.you}</b>
      <span>{texts.entries[deed]}</span>
      <VerdictWord isAccepted={answer.status === 200} status={answer.status} />
    </li>
  );
}
