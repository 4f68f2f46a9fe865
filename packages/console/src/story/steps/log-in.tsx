// Step 2: the password once, and a token in its place.
import type { TokenResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { CopyButton } from "../../components/copy-button.tsx";
import { TokenView } from "../../components/token-view.tsx";
import { sentenceOfProblem } from "../../session/sentences.ts";
import { paths } from "../../shell/paths.ts";
import { t } from "../../texts/language.ts";
import { objectIn, partsOf } from "../../token/parts.ts";
import { findRow } from "../activity.ts";
import { codeOf, exchange, type Sent } from "../exchange.ts";
import {
  addRow,
  complete,
  credentials,
  liveToken,
  secondsLeft,
  spoken,
  startReceipt,
  tokens,
  type StoryCredentials,
} from "../state.ts";
import { StepFrame, stepTo } from "../step-frame.tsx";
import { missing, Needs } from "./needs.tsx";
import { WhatItSays } from "./what-it-says.tsx";

const texts = t.story.logIn;

export function loginRequest({ email, password }: StoryCredentials): Sent {
  return { method: "POST", path: "login", json: { email, password } };
}

export function LogIn(): JSX.Element {
  const held = useSignal<string | undefined>(undefined);
  const refused = useSignal<string | undefined>(undefined);
  const lacking = missing("account");
  if (lacking !== undefined) return <Needs number={2} lead={texts.lead} missing={lacking} />;
  const token = liveToken.value;
  const planned = loginRequest(credentials.value);

  async function logIn(): Promise<void> {
    refused.value = undefined;
    const answer = await exchange(planned);
    const add = startReceipt(
      2,
      { kind: "sent", sent: planned },
      { kind: "answered", answer, ...(answer.status === 200 && { note: texts.answerNote }) },
    );
    spoken.value = t.receipt.answered(answer.status);
    if (answer.status !== 200) {
      const { status, retryAfterSeconds } = answer;
      refused.value = sentenceOfProblem({ status, code: codeOf(answer), retryAfterSeconds });
      return;
    }
    tokens.value = answer.body as unknown as TokenResponse;
    complete(2);
    const sid = sessionOf(tokens.value.access_token);
    const row = findRow(credentials.value, (row) => row.event === "session_opened" && row.sid === sid);
    addRow(add, row, texts.rowNote);
  }

  return (
    <StepFrame
      number={2}
      lead={token === undefined ? texts.lead : texts.leadAfter}
      action={token === undefined ? { label: texts.action, run: logIn } : undefined}
      planned={planned}
      secondary={
        token !== undefined && (
          <a class="button" href={paths.inspector}>
            {t.story.inspect}
          </a>
        )
      }
      aside={
        <>
          <h3>{texts.cookieTitle}</h3>
          <p class="small quiet">
            {texts.cookieText}{" "}
            <button type="button" class="link" onClick={() => stepTo(7)}>
              {texts.cookieLink}
            </button>
          </p>
        </>
      }
    >
      {refused.value !== undefined && (
        <p class="result" role="alert">
          {refused.value}{" "}
          <button type="button" class="link" onClick={() => stepTo(1)}>
            {t.story.goTo(1)}
          </button>
        </p>
      )}
      {token !== undefined && (
        <div class="parts">
          <TokenView
            token={token}
            label={texts.tokenLabel}
            held={held}
            foot={
              <>
                <span>{texts.foot(Math.max(1, Math.round(secondsLeft.value / 60)))}</span>
                <CopyButton text={() => token} subject={texts.tokenLabel} slight />
              </>
            }
          />
          <WhatItSays token={token} held={held} />
        </div>
      )}
    </StepFrame>
  );
}

/** The session that a token belongs to. */
export function sessionOf(token: string): string | undefined {
  const sid = objectIn(partsOf(token)?.payload ?? "")?.["sid"];
  return typeof sid === "string" ? sid : undefined;
}
