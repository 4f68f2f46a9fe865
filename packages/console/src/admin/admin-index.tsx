// Leads to the first page of the section that somebody may see.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import { permissions } from "../session/permissions.ts";
import { AdminPage, firstAdminPage } from "./admin-page.tsx";
import { t } from "../texts/language.ts";

export function AdminIndex(): JSX.Element | null {
  const { route } = useLocation();
  const first = firstAdminPage();
  useEffect(() => {
    if (first !== undefined) route(first, true);
  }, [first]);
  if (first !== undefined || permissions.value === undefined) return null;
  return (
    <AdminPage needs="users:read" title={t.admin.nav.label} narrow>
      {null}
    </AdminPage>
  );
}
