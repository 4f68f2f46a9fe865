// The passkeys: made, named and removed in their row.
import type { PasskeyResponse } from "@countersign/client";
import {
  addPasskey,
  hasPasskeys,
  listPasskeys,
  removePasskey,
  renamePasskey,
} from "@countersign/client/passkeys";
import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { AskingButton } from "../components/asking-button.tsx";
import { useAttempt } from "../components/attempt.ts";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { EditableRow, Row } from "../components/row.tsx";
import { nowSeconds } from "../session/clock.ts";
import { withFreshLogin } from "../session/fresh-login.ts";
import { passkeySentenceOf } from "../session/passkeys.ts";
import { whileLoggedIn } from "../session/requests.ts";
import { client } from "../session/session.ts";
import { fromNow } from "../texts/format.ts";
import { t } from "../texts/language.ts";
import { nameDevice } from "./devices.ts";

const texts = t.passkeys;

/** No browser has passkeys for an IP address, and so has no server that is at one. */
const isAtAddress = /^[\d.]+$|:/.test(location.hostname);

/** Nothing, where the server has none, or this browser; but why, where a name is missing alone. */
export function PasskeysRow(props: {
  /** With the recovery codes that came along, if any. */
  readonly onChange: (codes?: readonly string[]) => Promise<void>;
}): JSX.Element | null {
  const passkeys = useSignal<readonly PasskeyResponse[] | undefined>(undefined);
  const open = useSignal(false);
  const said = useSignal<string | undefined>(undefined);

  async function look(): Promise<void> {
    passkeys.value = await listPasskeys(client).catch(() => passkeys.value);
  }
  useEffect(() => void look(), []);

  /** Each change asks for a login of the last minutes, and the person is asked in place. */
  async function changed<T>(work: () => Promise<T>, result: string): Promise<T> {
    const done = await whileLoggedIn(() => withFreshLogin(work));
    said.value = result;
    await look();
    return done;
  }

  async function remove({ id }: PasskeyResponse): Promise<void> {
    try {
      await changed(() => removePasskey(client, id), texts.removed);
      await props.onChange();
    } catch (error) {
      said.value = passkeySentenceOf(error);
    }
  }

  const known = passkeys.value;
  if (known === undefined && isAtAddress)
    return <Row label={texts.row} value={<span class="quiet">{texts.needName}</span>} />;
  if (known === undefined || (known.length === 0 && !hasPasskeys())) return null;
  const list =
    known.length === 0 ? (
      <span class="quiet">{texts.none}</span>
    ) : (
      <ul class="passkeys">
        {known.map((passkey) => (
          <Passkey
            key={passkey.id}
            passkey={passkey}
            onRename={(name) => changed(() => renamePasskey(client, passkey.id, name), texts.renamed)}
            onRemove={() => remove(passkey)}
          />
        ))}
      </ul>
    );
  return (
    <EditableRow label={texts.row} value={list} verb={t.factors.add} said={said.value} open={open}>
      <NewPasskey
        open={open}
        onMake={async (name) => {
          const made = await changed(() => addPasskey(client, { name }), texts.added);
          open.value = false;
          await props.onChange(made.recovery_codes);
        }}
      />
    </EditableRow>
  );
}

function NewPasskey(props: {
  readonly open: Signal<boolean>;
  readonly onMake: (name: string) => Promise<void>;
}): JSX.Element {
  const name = useSignal(nameDevice(navigator.userAgent).name);
  const { refused, working, submit } = useAttempt(() => props.onMake(name.value.trim()), passkeySentenceOf);
  return (
    <form onSubmit={submit} noValidate>
      <Field
        label={texts.name}
        name="passkey-name"
        value={name.value}
        onChange={(value) => (name.value = value)}
        hint={texts.nameHint}
        error={refused.value}
      />
      <div class="buttons">
        <Button kind="primary" type="submit" busy={working.value}>
          {texts.action}
        </Button>
        <Button onPress={() => (props.open.value = false)}>{t.common.cancel}</Button>
      </div>
    </form>
  );
}

function Passkey(props: {
  readonly passkey: PasskeyResponse;
  readonly onRename: (name: string) => Promise<unknown>;
  readonly onRemove: () => Promise<void>;
}): JSX.Element {
  const { passkey } = props;
  const renames = useSignal(false);
  const name = useSignal(passkey.name);
  const { refused, working, submit } = useAttempt(async () => {
    await props.onRename(name.value.trim());
    renames.value = false;
  }, passkeySentenceOf);

  if (renames.value) {
    return (
      <li>
        <form
          onSubmit={submit}
          onKeyDown={(event) => {
            if (event.key === "Escape") renames.value = false;
          }}
          noValidate
        >
          <Field
            label={texts.name}
            name="passkey-name"
            focused
            value={name.value}
            onChange={(value) => (name.value = value)}
            error={refused.value}
          />
          <div class="buttons">
            <Button kind="primary" type="submit" busy={working.value}>
              {t.common.save}
            </Button>
            <Button onPress={() => (renames.value = false)}>{t.common.cancel}</Button>
          </div>
        </form>
      </li>
    );
  }
  const used = passkey.last_used_at;
  const usedSeconds = used === null ? 0 : Math.min(Date.parse(used) / 1000 - nowSeconds.value, 0);
  return (
    <li>
      <div>
        <b>{passkey.name}</b>
        <span class="small quiet">
          {used === null
            ? texts.unused
            : texts.used(usedSeconds > -60 ? t.sessions.now : fromNow(usedSeconds))}
          {" · "}
          {passkey.backed_up ? texts.synced : texts.bound}
        </span>
      </div>
      <span class="buttons">
        <Button kind="slight" onPress={() => (renames.value = true)}>
          {texts.rename}
          <span class="away"> {passkey.name}</span>
        </Button>
        <AskingButton
          verb={t.factors.remove}
          subject={passkey.name}
          question={texts.askRemove}
          onDo={props.onRemove}
        />
      </span>
    </li>
  );
}
