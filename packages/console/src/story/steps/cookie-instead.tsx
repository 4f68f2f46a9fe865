// Step 7: the other classic, side by side. One button drives both.
import type { ActivityRow, TokenResponse } from "@countersign/client";
import type { JSX } from "preact";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { VerdictWord } from "../../components/verdict-word.tsx";
import { keepingLogin } from "../../session/session.ts";
import { milliseconds } from "../../texts/format.ts";
import { t } from "../../texts/language.ts";
import { findRow } from "../activity.ts";
import { type Answer, exchange, type Sent } from "../exchange.ts";
import {
  addRow,
  complete,
  credentials,
  done,
  remembered,
  spoken,
  startAgain,
  startReceipt,
} from "../state.ts";
import { StepFrame } from "../step-frame.tsx";
import { loginRequest, sessionOf } from "./log-in.tsx";
import { missing, Needs } from "./needs.tsx";

const texts = t.story.cookieInstead;

type Deed = "logIn" | "read" | "change" | "logOut";

const deeds: readonly Deed[] = ["logIn", "read", "change", "logOut"];

interface Both {
  readonly token: Answer;
  readonly cookie: Answer;
}

const answers = remembered<readonly Both[]>([]);
const accessToken = remembered<string | undefined>(undefined);

/** One line of code a line: what an API of one's own needs. */
const fiveLines = `import { countersign } from "@countersign/server";
import Fastify from "fastify";
const app = Fastify();
await app.register(countersign, { issuer: "http://127.0.0.1:3000" });
app.get("/posts", { onRequest: app.auth.required() }, async () => []);`;

export function CookieInstead(): JSX.Element {
  const lacking = missing("account");
  if (lacking !== undefined) return <Needs number={7} lead={texts.lead} missing={lacking} />;
  const isDone = done.value.has(7);
  const known = answers.value;
  const next = deeds[known.length];
  const isCookieKept = known[1] === undefined || known[1].cookie.status === 200;

  async function run(deed: Deed): Promise<void> {
    const requests = requestsOf(deed);
    const token = await exchange(requests.token);
    const cookie =
      deed === "logOut"
        ? await keepingLogin(() => exchange(requests.cookie))
        : await exchange(requests.cookie);
    if (deed === "logIn" && token.status === 200)
      accessToken.value = (token.body as unknown as TokenResponse).access_token;
    answers.value = [...known, { token, cookie }];
    const add = startReceipt(
      7,
      { kind: "sent", sent: requests.token },
      { kind: "answered", answer: token },
      { kind: "sent", sent: requests.cookie },
      { kind: "answered", answer: cookie, note: texts.notes[deed] },
    );
    if (deed === "read") add({ kind: "nothing" });
    else addRow(add, findRow(credentials.value, isRowOf(deed, accessToken.value)));
    spoken.value = `${t.receipt.answered(token.status)} ${t.receipt.answered(cookie.status)}`;
    if (deed === "logOut") complete(7);
  }

  return (
    <StepFrame
      number={7}
      lead={texts.lead}
      action={next === undefined ? undefined : { label: texts.actions[next], run: () => run(next) }}
      planned={next === undefined ? undefined : requestsOf(next).cookie}
      secondary={isDone && <Button onPress={startAgain}>{texts.again}</Button>}
    >
      {known.length > 0 && (
        <table class="both">
          <caption class="away">{texts.caption}</caption>
          <thead>
            <tr>
              <td />
              <th scope="col">{texts.token}</th>
              <th scope="col">{texts.cookie}</th>
            </tr>
          </thead>
          <tbody>
            {known.map((both, index) => (
              <tr key={deeds[index]}>
                <th scope="row">{texts.deeds[deeds[index] ?? "logIn"]}</th>
                <td>
                  <Outcome answer={both.token} />
                </td>
                <td>
                  <Outcome answer={both.cookie} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!isCookieKept && (
        <p class="result">
          {texts.notKept(`http://localhost${location.port === "" ? "" : `:${location.port}`}`)}
        </p>
      )}
      {isDone && <Comparison />}
    </StepFrame>
  );
}

/** Of what was done with the token; the cookie's row stands beside it in the trail. */
function isRowOf(deed: Exclude<Deed, "read">, token: string | undefined): (row: ActivityRow) => boolean {
  const sessionId = sessionOf(token ?? "");
  const events = { logIn: "session_opened", change: "account_changed", logOut: "session_ended" } as const;
  return ({ event, sid }) => event === events[deed] && (deed === "change" || sid === sessionId);
}

function requestsOf(deed: Deed): { readonly token: Sent; readonly cookie: Sent } {
  const token = accessToken.value;
  const { email, password } = credentials.value;
  switch (deed) {
    case "logIn":
      return {
        token: loginRequest(credentials.value),
        cookie: { method: "POST", path: "session", json: { email, password }, cookie: "set" },
      };
    case "read":
      return {
        token: { method: "GET", path: "me", token },
        cookie: { method: "GET", path: "me", cookie: "sent" },
      };
    case "change": {
      const json = { name: texts.newName };
      return {
        token: { method: "PATCH", path: "me", token, json },
        cookie: { method: "PATCH", path: "me", json, cookie: "sent" },
      };
    }
    case "logOut":
      return {
        token: { method: "POST", path: "logout", token },
        cookie: { method: "DELETE", path: "session", cookie: "sent" },
      };
  }
}

function Outcome({ answer }: { readonly answer: Answer }): JSX.Element {
  return (
    <span class="outcome">
      <VerdictWord isAccepted={answer.status < 400} status={answer.status} />
      <span class="small quiet">{milliseconds(answer.ms)}</span>
    </span>
  );
}

function Comparison(): JSX.Element {
  return (
    <>
      <table class="both">
        <caption class="away">{texts.comparison}</caption>
        <thead>
          <tr>
            <td />
            <th scope="col">{texts.token}</th>
            <th scope="col">{texts.cookie}</th>
          </tr>
        </thead>
        <tbody>
          {texts.rows.map(({ what, token, cookie }) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td>{token}</td>
              <td>{cookie}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="result">{texts.advice}</p>
      <section class="the-end">
        <h2>{texts.end}</h2>
        <p class="quiet">{texts.endMore}</p>
        <header>
          <h3>{texts.yourApi}</h3>
          <CopyButton text={() => fiveLines} subject={texts.yourApi} />
        </header>
        <pre class="code">{fiveLines}</pre>
      </section>
    </>
  );
}
