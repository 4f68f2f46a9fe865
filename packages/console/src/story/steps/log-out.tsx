// Step 5: a log-out reaches whoever checks tokens, within moments.
import type { JSX } from "preact";
import { VerdictWord } from "../../components/verdict-word.tsx";
import { milliseconds } from "../../texts/format.ts";
import { t } from "../../texts/language.ts";
import { findRow } from "../activity.ts";
import { exchange, type Sent } from "../exchange.ts";
import { follow, hasSecondVerifier, secondVerifierRequest, untilRefused } from "../followers.ts";
import {
  addRow,
  complete,
  credentials,
  done,
  liveToken,
  remembered,
  signedWith,
  spoken,
  startReceipt,
  tokens,
} from "../state.ts";
import { StepFrame } from "../step-frame.tsx";
import { sessionOf } from "./log-in.tsx";
import { missing, Needs } from "./needs.tsx";

const texts = t.story.logOut;

interface Measured {
  readonly serverMs: number | undefined;
  readonly otherMs: number | undefined;
  readonly other: "verifier" | "page";
  readonly signedWith: "secret" | "pair";
}

const measured = remembered<Measured | undefined>(undefined);

export function LogOut(): JSX.Element {
  const isDone = done.value.has(5) && measured.value !== undefined && tokens.value === undefined;
  const token = liveToken.value;
  const lacking = missing("token");
  if (!isDone && token === undefined)
    return <Needs number={5} lead={texts.lead} missing={lacking ?? { step: 2, text: t.story.needs.token }} />;

  const planned: Sent = { method: "POST", path: "logout", token };

  async function logOut(): Promise<void> {
    if (token === undefined) return;
    const sessionId = sessionOf(token);
    const follower = await follow(sessionId);
    try {
      const hasSecond = await hasSecondVerifier(token);
      const sinceMs = performance.now();
      const answer = await exchange(planned);
      const second = secondVerifierRequest(token);
      const [byServer, bySecond, heard] = await Promise.all([
        untilRefused({ method: "GET", path: "me", token }, sinceMs),
        hasSecond ? untilRefused(second, sinceMs) : undefined,
        follower.heard,
      ]);
      const add = startReceipt(5, { kind: "sent", sent: planned }, { kind: "answered", answer });
      if (heard !== undefined) add({ kind: "heard", line: heard.line });
      if (bySecond !== undefined)
        add({ kind: "sent", sent: second }, { kind: "answered", answer: bySecond.answer });
      const heardMs = heard === undefined ? undefined : heard.atMs - sinceMs;
      measured.value = {
        serverMs: byServer?.afterMs,
        otherMs: hasSecond ? bySecond?.afterMs : heardMs,
        other: hasSecond ? "verifier" : "page",
        signedWith: signedWith.value,
      };
      tokens.value = undefined;
      complete(5);
      spoken.value = t.receipt.answered(answer.status);
      const row = findRow(
        credentials.value,
        ({ event, sid }) => event === "session_ended" && sid === sessionId,
      );
      addRow(add, row);
    } finally {
      follower.stop();
    }
  }

  return (
    <StepFrame
      number={5}
      lead={texts.lead}
      action={isDone ? undefined : { label: texts.action, run: logOut }}
      planned={planned}
    >
      {isDone && measured.value !== undefined && <Counters measured={measured.value} />}
    </StepFrame>
  );
}

function Counters({ measured }: { readonly measured: Measured }): JSX.Element {
  const { serverMs, otherMs, other } = measured;
  return (
    <>
      <div class="columns counters">
        <section>
          <h2>{texts.thisServer}</h2>
          <p class="counter">{serverMs === undefined ? "–" : milliseconds(serverMs)}</p>
          <p>{texts.serverRefused}</p>
          <p>
            <VerdictWord isAccepted={serverMs === undefined} status={serverMs === undefined ? 200 : 401} />
          </p>
        </section>
        <section>
          <h2>{other === "verifier" ? texts.otherVerifier : texts.thisPage}</h2>
          <p class="counter">{otherMs === undefined ? "–" : milliseconds(otherMs)}</p>
          {other === "verifier" ? (
            <>
              <p>{texts.otherRefused}</p>
              <p>
                <VerdictWord isAccepted={otherMs === undefined} status={otherMs === undefined ? 200 : 401} />
              </p>
            </>
          ) : (
            <p>{otherMs === undefined ? texts.notHeard : texts.pageHeard[measured.signedWith]}</p>
          )}
        </section>
      </div>
      <p class="result">{texts.result}</p>
      <p class="quiet small">
        {texts.since}
        {(serverMs ?? 0) > 50 && ` ${texts.slow}`}
      </p>
    </>
  );
}
