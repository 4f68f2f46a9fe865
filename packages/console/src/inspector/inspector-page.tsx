// The token inspector: whatever is pasted here is judged here, and goes nowhere.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Prose } from "../components/prose.tsx";
import { client, me, restored } from "../session/session.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { tokens } from "../story/state.ts";
import { t } from "../texts/language.ts";
import { encodeText } from "../token/base64url.ts";
import { signWithThrowawayKey } from "../token/signing.ts";
import { CheckWithPanel } from "./check-with.tsx";
import { Editors } from "./editors.tsx";
import { takeHandedOver } from "./handed-over.ts";
import { fetchServerKeys } from "./server-keys.ts";
import { cameIn, checkWith, isThrowaway, keyTexts, load, serverKeys, token } from "./state.ts";
import { TokenEditor } from "./token-editor.tsx";
import { VerdictPanel } from "./verdict-panel.tsx";
import "./inspector.css";

const texts = t.inspector;

export function InspectorPage(): JSX.Element {
  useEffect(() => void begin(), []);
  return (
    <Page title={texts.title} lead={texts.lead} action={<LoadOwn />}>
      <details class="private">
        <summary>{texts.private}</summary>
        <p class="small quiet">
          <Prose text={texts.privateWhy} />
        </p>
      </details>
      <div class="inspector">
        <TokenEditor />
        <div class="judged">
          <VerdictPanel />
          <CheckWithPanel />
        </div>
        <Editors />
      </div>
    </Page>
  );
}

/** The page is alive from the first moment: with what was handed over, one's own token, or an example. */
async function begin(): Promise<void> {
  const handed = takeHandedOver();
  if (handed !== undefined) {
    checkWith.value = "server";
    load(handed.token, texts.cameIn.story, { fromServer: true, before: handed.original });
  }
  void fetchServerKeys().then((keys) => (serverKeys.value = keys));
  if (token.value !== "") return;
  const storyToken = tokens.value?.access_token;
  if (storyToken !== undefined) {
    load(storyToken, texts.cameIn.own, { fromServer: true });
    return;
  }
  await restored;
  if (me.value !== null && me.value !== undefined) await loadOwn();
  else await loadExample();
}

async function loadOwn(): Promise<void> {
  const own = await client.getAccessToken();
  if (own === undefined) return;
  checkWith.value = "server";
  load(own, texts.cameIn.own, { fromServer: true });
}

async function loadExample(): Promise<void> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const claims = {
    sub: "an-account-without-a-name",
    iat: nowSeconds,
    roles: ["user"],
    iss: location.origin,
    exp: nowSeconds + 600,
  };
  const payload = encodeText(JSON.stringify(claims));
  // Without Web Crypto there is nothing to sign with; the page then says where it works.
  const signed = await signWithThrowawayKey({ typ: "at+jwt" }, payload).catch(() => undefined);
  if (token.value !== "") return;
  if (signed === undefined) {
    load(`${encodeText(JSON.stringify({ alg: "HS256" }))}.${payload}.`, "", { fromServer: false });
    return;
  }
  keyTexts.value = { ...keyTexts.value, [signed.kind]: signed.key };
  checkWith.value = signed.kind;
  load(signed.token, texts.cameIn.example, { fromServer: false });
  isThrowaway.value = true;
  cameIn.value = texts.cameIn.example;
}

function LoadOwn(): JSX.Element | null {
  if (me.value === undefined) return null;
  if (me.value === null) {
    return (
      <a class="button" href={paths.login}>
        {texts.loadMissing}
      </a>
    );
  }
  return <Button onPress={loadOwn}>{texts.load}</Button>;
}
