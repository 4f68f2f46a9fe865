// Step 1: an account, of which the server keeps a hash of the password.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { sentenceOfProblem } from "../../session/sentences.ts";
import { t } from "../../texts/language.ts";
import { findRow } from "../activity.ts";
import { codeOf, exchange, type Sent } from "../exchange.ts";
import { addRow, anotherAddress, complete, credentials, done, spoken, startReceipt } from "../state.ts";
import { StepFrame, stepTo } from "../step-frame.tsx";

const texts = t.story.signUp;

/** Whether the server is on the person's own machine. */
const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname);

interface Refused {
  readonly field: "email" | "password" | undefined;
  readonly text: string;
  readonly isTaken: boolean;
}

export function SignUp(): JSX.Element {
  const refused = useSignal<Refused | undefined>(undefined);
  const { email, password } = credentials.value;
  const isDone = done.value.has(1);
  const planned: Sent = { method: "POST", path: "signup", json: { email, password } };

  async function signUp(): Promise<void> {
    refused.value = undefined;
    const answer = await exchange(planned);
    const add = startReceipt(
      1,
      { kind: "sent", sent: planned },
      { kind: "answered", answer, note: texts.answerNote },
    );
    spoken.value = t.receipt.answered(answer.status);
    if (answer.status !== 201) {
      refused.value = refusalOf(codeOf(answer), answer);
      return;
    }
    complete(1);
    const row = findRow(credentials.value, ({ event }) => event === "account_created");
    addRow(add, row, texts.rowNote);
  }

  return (
    <StepFrame
      number={1}
      lead={isLocal ? texts.leadLocal : texts.lead}
      action={isDone ? undefined : { label: texts.action, run: signUp }}
      planned={planned}
      aside={
        <>
          <h3>{texts.realTitle}</h3>
          <p class="small quiet">{texts.realText}</p>
        </>
      }
    >
      {isDone ? (
        <div class="said said-alone">
          <p class="strong">{texts.result}</p>
          <p class="quiet">{texts.more}</p>
        </div>
      ) : (
        <div class="fields">
          <Field
            label={t.common.email}
            name="email"
            type="email"
            value={email}
            onChange={(value) => (credentials.value = { ...credentials.value, email: value })}
            hint={texts.emailHint}
            error={refused.value?.field === "email" ? refused.value.text : undefined}
          />
          {refused.value?.isTaken === true && (
            <div class="buttons taken">
              <Button kind="slight" onPress={useAnother}>
                {texts.another}
              </Button>
              <Button kind="slight" onPress={goOn}>
                {texts.goOn}
              </Button>
            </div>
          )}
          <Field
            label={t.common.password}
            name="password"
            type="password"
            value={password}
            onChange={(value) => (credentials.value = { ...credentials.value, password: value })}
            hint={texts.passwordHint}
            error={refused.value?.field === "password" ? refused.value.text : undefined}
          />
          {refused.value !== undefined && refused.value.field === undefined && (
            <p class="result" role="alert">
              {refused.value.text}
            </p>
          )}
        </div>
      )}
    </StepFrame>
  );

  function useAnother(): void {
    refused.value = undefined;
    credentials.value = { ...credentials.value, email: anotherAddress() };
  }

  function goOn(): void {
    refused.value = undefined;
    complete(1);
    stepTo(2);
  }
}

function refusalOf(code: string, answer: Parameters<typeof codeOf>[0]): Refused {
  const { status, retryAfterSeconds } = answer;
  const detail = answer.body?.["detail"];
  const text = sentenceOfProblem({
    status,
    code,
    retryAfterSeconds,
    ...(typeof detail === "string" && { detail }),
  });
  const field = code.startsWith("email") ? "email" : code.startsWith("password") ? "password" : undefined;
  return { field, text, isTaken: code === "email_taken" };
}
