// Where the link of a mail leads that does one thing. Opening it does nothing: the click sends.
import { ApiError } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { FormError } from "../components/field.tsx";
import { restore } from "../session/session.ts";
import { sentenceOf } from "../session/sentences.ts";
import { Page } from "../shell/page.tsx";
import { t } from "../texts/language.ts";
import { takeMailedToken } from "./mailed-token.ts";
import "../login/login.css";

export interface LinkPageProps {
  readonly texts: {
    readonly title: string;
    readonly lead: string;
    readonly action: string;
    readonly doneTitle: string;
    readonly done: string;
    /** The link counts no more, and what to do then. */
    readonly dead: string;
  };
  readonly deed: (token: string) => Promise<void>;
  /** Where it goes on from there. */
  readonly children: ComponentChildren;
}

export function LinkPage({ texts, deed, children }: LinkPageProps): JSX.Element {
  const token = useSignal(takeMailedToken());
  const isDone = useSignal(false);
  const { refused, working, submit } = useAttempt(
    async () => {
      await deed(token.value ?? "");
      isDone.value = true;
      // It may have been the session of this page that ended.
      await restore();
    },
    (error) => (error instanceof ApiError && error.code === "code_invalid" ? texts.dead : sentenceOf(error)),
  );

  if (isDone.value) {
    return (
      <Page key="done" title={texts.doneTitle} lead={texts.done} narrow>
        {children}
      </Page>
    );
  }
  if (token.value === undefined) {
    return (
      <Page key="none" title={texts.title} lead={t.mailSent.noToken} narrow>
        {children}
      </Page>
    );
  }
  return (
    <Page key="ask" title={texts.title} lead={texts.lead} narrow>
      <form class="form" onSubmit={submit}>
        <FormError text={refused.value} />
        <div class="buttons">
          <Button kind="primary" type="submit" busy={working.value}>
            {texts.action}
          </Button>
        </div>
      </form>
    </Page>
  );
}
