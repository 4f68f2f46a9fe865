// The dev mailbox: what would have been sent. A mail is shown as its text alone, so that nothing of it runs or loads here.
import type { DevMailMessage, DevMailResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { CopyButton } from "../components/copy-button.tsx";
import { Warn } from "../components/icons.tsx";
import { Prose } from "../components/prose.tsx";
import { nowSeconds } from "../session/clock.ts";
import { fetchWithoutCookies } from "../session/session.ts";
import { apiBase } from "../shell/base.ts";
import { Page } from "../shell/page.tsx";
import { moment } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { WithAdminNav } from "./admin-page.tsx";
import "./admin.css";

const texts = t.admin.mail;

const lookMs = 2000;

export function MailPage(): JSX.Element {
  return (
    <WithAdminNav>
      <Page title={texts.title}>
        <p class="notice mail-notice">
          <Warn />
          <span>{texts.banner}</span>
        </p>
        <Mailbox />
      </Page>
    </WithAdminNav>
  );
}

function Mailbox(): JSX.Element | null {
  const messages = useSignal<readonly DevMailMessage[] | undefined>(undefined);
  const refused = useSignal<string | undefined>(undefined);
  const chosen = useSignal<string | undefined>(undefined);

  useEffect(() => {
    async function look(): Promise<void> {
      try {
        const response = await fetchWithoutCookies(new URL("dev/mail", apiBase), { cache: "no-store" });
        if (response.ok) messages.value = ((await response.json()) as DevMailResponse).messages;
        refused.value = response.ok ? undefined : texts.off;
        if (!response.ok) clearInterval(timer);
      } catch {
        refused.value = t.errors.unreachable;
      }
    }
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void look();
    }, lookMs);
    void look();
    return () => clearInterval(timer);
  }, []);

  if (refused.value !== undefined)
    return (
      <p>
        <Prose text={refused.value} />
      </p>
    );
  const list = messages.value;
  if (list === undefined) return null;
  if (list.length === 0) return <p>{texts.empty}</p>;
  const shown = list.find(({ id }) => id === chosen.value) ?? list[0];
  const now = new Date(nowSeconds.value * 1000);
  return (
    <div class="mailbox">
      <ol class="mails" aria-label={texts.list}>
        {list.map(({ id, to, subject, sent_at: sentAt }) => (
          <li key={id}>
            <button
              type="button"
              aria-current={id === shown?.id ? "true" : undefined}
              onClick={() => (chosen.value = id)}
            >
              <b>{subject}</b>
              <span class="small quiet">{to}</span>
              <span class="small quiet">{moment(new Date(sentAt), now)}</span>
            </button>
          </li>
        ))}
      </ol>
      {shown !== undefined && <Mail key={shown.id} mail={shown} />}
    </div>
  );
}

function Mail({ mail }: { readonly mail: DevMailMessage }): JSX.Element {
  return (
    <article class="mail">
      <h2>{mail.subject}</h2>
      <p class="small quiet">{texts.to(mail.to)}</p>
      {mail.codes.map((code) => (
        <p key={code} class="mail-code">
          <code>{code}</code>
          <CopyButton text={() => code} subject={texts.code} slight />
        </p>
      ))}
      {mail.links.length > 0 && (
        <p class="buttons">
          {mail.links.map((link) => (
            <a key={link} class="button primary" href={link}>
              {texts.open}
            </a>
          ))}
        </p>
      )}
      <pre class="mail-text">{mail.text}</pre>
    </article>
  );
}
