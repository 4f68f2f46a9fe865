// For addresses at which there is no page.
import type { JSX } from "preact";
import { t } from "../texts/language.ts";
import { Page } from "./page.tsx";
import { paths } from "./paths.ts";

export function NotFoundPage(): JSX.Element {
  return (
    <Page title={t.notFound.title} lead={t.notFound.lead} narrow>
      <p>
        <a href={paths.story}>{t.notFound.link}</a>
      </p>
    </Page>
  );
}
