// Pages for whoever is logged in: everybody else is led to the login.
import type { ComponentChildren, JSX } from "preact";
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { FormError } from "../components/field.tsx";
import { isAway, me, restore } from "../session/session.ts";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { t } from "../texts/language.ts";

export function Guarded({ children }: { readonly children: ComponentChildren }): JSX.Element | null {
  const { route } = useLocation();
  const isStranger = me.value === null;
  useEffect(() => {
    if (isStranger) route(paths.login, true);
  }, [isStranger]);
  if (me.value === undefined && isAway.value) {
    return (
      <Page title={t.account.title} narrow>
        <FormError text={t.errors.away} />
        <Button onPress={restore}>{t.common.tryAgain}</Button>
      </Page>
    );
  }
  return me.value === null || me.value === undefined ? null : <>{children}</>;
}
