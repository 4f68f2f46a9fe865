// Step 3: the token opens a door, and nobody was asked.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { TokenView } from "../../components/token-view.tsx";
import { VerdictWord } from "../../components/verdict-word.tsx";
import { milliseconds } from "../../texts/format.ts";
import { t } from "../../texts/language.ts";
import { measureHmacMs } from "../../token/signing.ts";
import { type Answer, exchange, type Sent } from "../exchange.ts";
import { complete, done, liveToken, signedWith, spoken, startReceipt } from "../state.ts";
import { StepFrame } from "../step-frame.tsx";
import { missing, Needs } from "./needs.tsx";

const texts = t.story.showIt;

/** The posts of the example; a server without them is asked for the account instead. */
const protectedPaths = ["posts", "me"] as const;

export async function callProtected(
  token: string,
): Promise<{ readonly sent: Sent; readonly answer: Answer }> {
  for (const path of protectedPaths) {
    const sent: Sent = { method: "GET", path, token };
    const answer = await exchange(sent);
    if (answer.status !== 404) return { sent, answer };
  }
  throw new TypeError("The server has no account route");
}

export function ShowIt(): JSX.Element {
  const hmacMs = useSignal<number | undefined>(undefined);
  const lacking = missing("token");
  const isDone = done.value.has(3);
  const token = liveToken.value;
  if (token === undefined) {
    return <Needs number={3} lead={texts.lead} missing={lacking ?? { step: 2, text: t.story.needs.token }} />;
  }

  async function call(): Promise<void> {
    if (token === undefined) return;
    const { sent, answer } = await callProtected(token);
    startReceipt(3, { kind: "sent", sent }, { kind: "answered", answer }, { kind: "nothing" });
    spoken.value = t.receipt.answered(answer.status);
    if (answer.status !== 200) return;
    complete(3);
    if (signedWith.value === "secret") hmacMs.value = await measureHmacMs(token);
  }

  return (
    <StepFrame
      number={3}
      lead={texts.lead}
      action={isDone ? undefined : { label: texts.action, run: call }}
      planned={{ method: "GET", path: "posts", token }}
    >
      <TokenView token={token} label={t.story.logIn.tokenLabel} />
      {isDone && (
        <>
          <ol class="reading">
            <li class="h">
              <span class="name">
                <i class="glyph" />
                {t.parts.header}
              </span>
              <p>{texts.readHeader[signedWith.value]}</p>
            </li>
            <li class="p">
              <span class="name">
                <i class="glyph" />
                {t.parts.payload}
              </span>
              <p>{texts.compute[signedWith.value]}</p>
            </li>
            <li class="s">
              <span class="name">
                <i class="glyph" />
                {t.parts.signature}
              </span>
              <p>{texts.same[signedWith.value]}</p>
            </li>
          </ol>
          <p class="result">
            <VerdictWord isAccepted status={200} /> {texts.result}
          </p>
          {hmacMs.value !== undefined && (
            <p class="quiet small">{texts.measured(milliseconds(hmacMs.value))}</p>
          )}
        </>
      )}
    </StepFrame>
  );
}
