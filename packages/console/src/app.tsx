// The pages and the way between them. The story comes with the first script, the others when they are asked for.
import type { JSX } from "preact";
import { ErrorBoundary, lazy, LocationProvider, Route, Router } from "preact-iso";
import { confirmation } from "./session/fresh-login.ts";
import { Bar } from "./shell/bar.tsx";
import { KeysList } from "./shell/keys-list.tsx";
import { NotFoundPage } from "./shell/not-found-page.tsx";
import { paths } from "./shell/paths.ts";
import { Toast } from "./shell/toast.tsx";
import { StoryPage } from "./story/story-page.tsx";
import { t } from "./texts/language.ts";

const InspectorPage = lazy(async () => (await import("./inspector/inspector-page.tsx")).InspectorPage);
const AccountPage = lazy(async () => (await import("./account/account-page.tsx")).AccountPage);
const SessionsPage = lazy(async () => (await import("./account/sessions-page.tsx")).SessionsPage);
const LoginPage = lazy(async () => (await import("./login/login-page.tsx")).LoginPage);
const ForgottenPage = lazy(async () => (await import("./recovery/forgotten-page.tsx")).ForgottenPage);
const ResetPage = lazy(async () => (await import("./recovery/reset-page.tsx")).ResetPage);
const VerifyPage = lazy(async () => (await import("./recovery/verify-page.tsx")).VerifyPage);
const VerifyAgainPage = lazy(async () => (await import("./recovery/verify-again-page.tsx")).VerifyAgainPage);
const UndoPage = lazy(async () => (await import("./recovery/undo-page.tsx")).UndoPage);
const NotMePage = lazy(async () => (await import("./recovery/not-me-page.tsx")).NotMePage);
const AdminIndex = lazy(async () => (await import("./admin/admin-index.tsx")).AdminIndex);
const PeoplePage = lazy(async () => (await import("./admin/people-page.tsx")).PeoplePage);
const PersonPage = lazy(async () => (await import("./admin/person-page.tsx")).PersonPage);
const KeysPage = lazy(async () => (await import("./admin/keys-page.tsx")).KeysPage);
const TrailPage = lazy(async () => (await import("./admin/trail-page.tsx")).TrailPage);
const FeedPage = lazy(async () => (await import("./admin/feed-page.tsx")).FeedPage);
const HealthPage = lazy(async () => (await import("./admin/health-page.tsx")).HealthPage);
const MailPage = lazy(async () => (await import("./admin/mail-page.tsx")).MailPage);
const ConfirmDialog = lazy(async () => (await import("./shell/confirm-dialog.tsx")).ConfirmDialog);
const SignupPage = lazy(async () => (await import("./login/signup-page.tsx")).SignupPage);

export function App(): JSX.Element {
  return (
    <LocationProvider scope={paths.story}>
      <a class="skip" href="#main" onClick={skip}>
        {t.bar.skip}
      </a>
      <Bar />
      <ErrorBoundary>
        <Router>
          <Route path={paths.story} component={StoryPage} />
          <Route path={paths.inspector} component={InspectorPage} />
          <Route path={paths.account} component={AccountPage} />
          <Route path={paths.sessions} component={SessionsPage} />
          <Route path={paths.login} component={LoginPage} />
          <Route path={paths.signup} component={SignupPage} />
          <Route path={paths.forgotten} component={ForgottenPage} />
          <Route path={paths.reset} component={ResetPage} />
          <Route path={paths.verify} component={VerifyPage} />
          <Route path={paths.verifyAgain} component={VerifyAgainPage} />
          <Route path={paths.undo} component={UndoPage} />
          <Route path={paths.notMe} component={NotMePage} />
          <Route path={paths.admin} component={AdminIndex} />
          <Route path={paths.people} component={PeoplePage} />
          <Route path={`${paths.people}/:id`} component={PersonPage} />
          <Route path={paths.keys} component={KeysPage} />
          <Route path={paths.trail} component={TrailPage} />
          <Route path={paths.feed} component={FeedPage} />
          <Route path={paths.health} component={HealthPage} />
          <Route path={paths.mail} component={MailPage} />
          <Route default component={NotFoundPage} />
        </Router>
        {confirmation.value !== undefined && <ConfirmDialog {...confirmation.value} />}
      </ErrorBoundary>
      <KeysList />
      <Toast />
    </LocationProvider>
  );
}

/** The router takes links for itself, so the heading is given the focus here. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#main h1")?.focus();
}
