// Adding an authenticator app: it reads the secret, and the first code shows that it did.
import { ApiError, type TotpResponse } from "@countersign/client";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { CopyButton } from "../components/copy-button.tsx";
import { Field, FormError } from "../components/field.tsx";
import { sentenceOf } from "../session/sentences.ts";
import { t } from "../texts/language.ts";
import { beginTotp, confirmTotp } from "./account-calls.ts";

const texts = t.factors.setup;

export function TotpSetup(props: {
  /** With the recovery codes that came along, if any. */
  readonly onDone: (codes: readonly string[] | undefined) => void;
  readonly onLetBe: (why?: string) => void;
}): JSX.Element | null {
  const setup = useSignal<TotpResponse | undefined>(undefined);
  const code = useSignal("");
  const { refused, working, submit } = useAttempt(
    async () => props.onDone(await confirmTotp(code.value.trim())),
    refusalOf,
  );
  useEffect(() => {
    beginTotp().then(
      (begun) => (setup.value = begun),
      (error: unknown) => props.onLetBe(sentenceOf(error)),
    );
  }, []);

  if (setup.value === undefined) return <FormError text={undefined} />;
  const { secret, uri, qr_svg: qr } = setup.value;
  const grouped = secret.replaceAll(/(.{4})(?=.)/g, "$1 ");
  return (
    <form class="totp" onSubmit={submit} noValidate>
      <ol class="totp-steps">
        <li>
          <p>{texts.scan}</p>
          <img
            class="qr"
            src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(qr)}`}
            alt={texts.qrAlt}
            width={196}
            height={196}
          />
          <p class="small quiet">{texts.orType}</p>
          <p class="secret">
            <code>{grouped}</code>
            <CopyButton text={() => secret} subject={texts.secret} />
          </p>
          <p class="small">
            <a href={uri}>{texts.onThisDevice}</a>
          </p>
        </li>
        <li>
          <Field
            label={texts.code}
            name="totp"
            autocomplete="one-time-code"
            inputMode="numeric"
            focused
            value={code.value}
            onChange={(value) => (code.value = value)}
            hint={t.factor.codes.totp.hint}
            error={refused.value}
          />
        </li>
      </ol>
      <div class="buttons">
        <Button kind="primary" type="submit" busy={working.value}>
          {texts.action}
        </Button>
        <Button onPress={() => props.onLetBe()}>{t.common.cancel}</Button>
      </div>
    </form>
  );
}

function refusalOf(error: unknown): string {
  const isWrong = error instanceof ApiError && error.code === "second_factor_invalid";
  return isWrong ? texts.wrong : sentenceOf(error);
}
