// Step 4: `user` becomes `admin`, and the signature no longer fits.
import type { JSX } from "preact";
import { TokenView } from "../../components/token-view.tsx";
import { VerdictWord } from "../../components/verdict-word.tsx";
import { inspectToken } from "../../inspector/handed-over.ts";
import { paths } from "../../shell/paths.ts";
import { t } from "../../texts/language.ts";
import { believe, withAdmin } from "../careless-verifier.ts";
import type { Answer } from "../exchange.ts";
import { complete, done, liveToken, remembered, spoken, startReceipt } from "../state.ts";
import { StepFrame } from "../step-frame.tsx";
import { missing, Needs } from "./needs.tsx";
import { callProtected } from "./show-it.tsx";

const texts = t.story.changeOneWord;

/** The token whose word was changed, and what came of it. */
const changed = remembered<string | undefined>(undefined);
const answered = remembered<Answer | undefined>(undefined);

export function ChangeOneWord(): JSX.Element {
  const lacking = missing("token");
  const token = liveToken.value;
  if (token === undefined)
    return <Needs number={4} lead={texts.lead} missing={lacking ?? { step: 2, text: t.story.needs.token }} />;
  const admin = withAdmin(token);
  const isChanged = changed.value === admin;
  const isSent = isChanged && done.value.has(4) && answered.value !== undefined;

  async function send(): Promise<void> {
    const { sent, answer } = await callProtected(admin);
    answered.value = answer;
    startReceipt(
      4,
      { kind: "sent", sent },
      { kind: "answered", answer, note: texts.answerNote },
      { kind: "nothing" },
    );
    spoken.value = t.receipt.answered(answer.status);
    complete(4);
  }

  const action = isSent
    ? undefined
    : isChanged
      ? { label: texts.send, run: send }
      : { label: texts.action, run: () => void (changed.value = admin) };
  return (
    <StepFrame
      number={4}
      lead={texts.lead}
      action={action}
      planned={{ method: "GET", path: "posts", token: admin }}
      secondary={
        isChanged && (
          <a class="button" href={paths.inspector} onClick={() => inspectToken(admin, token)}>
            {t.story.inspect}
          </a>
        )
      }
    >
      <TokenView
        token={isChanged ? admin : token}
        before={isChanged ? token : undefined}
        broken={isChanged}
        label={texts.tokenLabel}
        foot={
          <span class="p">
            <code class="claim-line">
              <span class="key">"roles"</span>: [
              {isChanged ? (
                <>
                  <del>"user"</del> <ins>"admin"</ins>
                </>
              ) : (
                <>"user"</>
              )}
              ]
            </code>
          </span>
        }
      />
      {isSent && (
        <div class="columns">
          <section>
            <h2>{texts.thisServer}</h2>
            <VerdictWord isAccepted={answered.value?.status === 200} status={answered.value?.status} />
            <p>{texts.refused}</p>
            <p class="quiet small">{texts.refusedMore}</p>
          </section>
          <section>
            <h2>{texts.careless}</h2>
            <VerdictWord isAccepted status={200} />
            <p>{texts.hello(believe(admin).roles.join(", "))}</p>
            <p class="quiet small">{texts.carelessMore}</p>
          </section>
        </div>
      )}
    </StepFrame>
  );
}
