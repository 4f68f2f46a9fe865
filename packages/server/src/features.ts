// The features of the server in the order in which they are built: what each is given, and what each gives.
import { type AccessVerifier, createAccessVerifier } from "@countersign/verifier";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import { createAskForMail } from "./accounts/asking-for-mail.ts";
import { createAccounts } from "./accounts/accounts.ts";
import { createAdministrators } from "./accounts/administrators.ts";
import { describeForClaims } from "./accounts/claims-account.ts";
import { createFields } from "./accounts/fields.ts";
import { accountRoutes } from "./accounts/routes.ts";
import { createMailAccounts } from "./accounts/mail-accounts-store.ts";
import { createAccountStore } from "./accounts/store.ts";
import { adminAccountRoutes } from "./admin/account-routes.ts";
import { createAdministration } from "./admin/administration.ts";
import { adminAuditRoutes } from "./admin/audit-routes.ts";
import { createAskingOf } from "./admin/asking.ts";
import { createAdminGuard } from "./admin/guard.ts";
import { adminInvitationRoutes } from "./admin/invitation-routes.ts";
import { createInviting, createMayInvite } from "./admin/inviting.ts";
import { createInstances } from "./instances/instances.ts";
import { createRecentLogins } from "./instances/recent-logins.ts";
import { reportedFollower } from "./instances/reported-follower.ts";
import { createInstanceReportStore } from "./instances/store.ts";
import { createStatistics } from "./admin/statistics.ts";
import { createStatisticsStore } from "./admin/statistics-store.ts";
import { isoTime } from "./iso-time.ts";
import { newId } from "./randomness.ts";
import packageJson from "../package.json" with { type: "json" };
import { adminInstanceRoutes } from "./admin/instance-routes.ts";
import { adminKeyRoutes } from "./admin/key-routes.ts";
import { myPermissionsRoutes } from "./admin/my-permissions-routes.ts";
import { adminRevocationRoutes } from "./admin/revocation-routes.ts";
import { createPermissions } from "./admin/permissions.ts";
import { createAccountSearch } from "./admin/search-store.ts";
import { createUnlock } from "./admin/unlocking.ts";
import { auditRoutes } from "./audit/routes.ts";
import { createAuditTrail } from "./audit/trail.ts";
import { readConsoleFiles } from "./console/files.ts";
import { consoleRoutes } from "./console/routes.ts";
import { runInBackground } from "./background.ts";
import type { Database } from "./database/database.ts";
import { agreeOnTime } from "./database/steady-clock.ts";
import { createDeviceTokens } from "./devices/device-token.ts";
import { createDevices } from "./devices/devices.ts";
import { createDeviceStore } from "./devices/store.ts";
import { createEmailChange } from "./email-change/email-change.ts";
import { emailChangeRoutes } from "./email-change/routes.ts";
import { createEmailChangeStore } from "./email-change/store.ts";
import { createEmailVerification } from "./email-verification/email-verification.ts";
import { emailVerificationRoutes } from "./email-verification/routes.ts";
import { createEmailVerificationStore } from "./email-verification/store.ts";
import { createHookRunner } from "./hooks/hooks.ts";
import { createGuard, type Guard } from "./http/guard.ts";
import { createSameSiteCheck } from "./http/same-site.ts";
import { createAuditSealing } from "./keys/audit-sealing.ts";
import { createSigningKeyChanges } from "./keys/changes.ts";
import { createInvitations } from "./invitations/invitations.ts";
import { createMailInvitations } from "./invitations/mail-store.ts";
import { createInvitationStore } from "./invitations/store.ts";
import { createTakeInvitation } from "./invitations/taking-store.ts";
import { createInstallationStore } from "./keys/installation-store.ts";
import { openMasterKey } from "./keys/master-key.ts";
import { createSealedKeys } from "./keys/sealed-keys.ts";
import { createSealer } from "./keys/sealing.ts";
import { createSigningKeys } from "./keys/signing-keys.ts";
import { createSigningKeyStore } from "./keys/store.ts";
import { createCookieCarrier } from "./login/carriers/cookie.ts";
import { createTokenCarrier } from "./login/carriers/tokens.ts";
import { cookieRoutes } from "./login/cookie-routes.ts";
import { createDisownedStore } from "./login/disowned-store.ts";
import { createDisownLogin } from "./login/disowning.ts";
import { disowningRoutes } from "./login/disowning-routes.ts";
import { createFinishLogin } from "./login/finish.ts";
import { createLoginCounts } from "./login/outcomes.ts";
import { createPasswordLogin } from "./login/password.ts";
import { createAnswerLogin } from "./login/answering.ts";
import { loginRoutes } from "./login/routes.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { allOperations } from "./operations/all.ts";
import type { Installation } from "./operations/operation.ts";
import { type CommandSocket, listenForCommands } from "./operations/socket-server.ts";
import { socketPlaceOf } from "./operations/socket-path.ts";
import { createShowCode } from "./one-time-codes/show.ts";
import { createPasswordReset } from "./password-reset/password-reset.ts";
import { passwordResetRoutes } from "./password-reset/routes.ts";
import { createSendReset } from "./password-reset/sending-store.ts";
import { createPasswordResetStore } from "./password-reset/store.ts";
import { createPasskeyChallenges } from "./passkeys/challenges.ts";
import { passkeyLoginRoutes } from "./passkeys/login-routes.ts";
import { createMyPasskeys } from "./passkeys/my-passkeys.ts";
import { createPasskeys } from "./passkeys/passkeys.ts";
import { passkeyRoutes } from "./passkeys/routes.ts";
import { createPasskeyStore } from "./passkeys/store.ts";
import { readBlocklist } from "./passwords/blocklist.ts";
import { createPasswordHashing } from "./passwords/hashing.ts";
import { createPasswordPolicy } from "./passwords/policy.ts";
import { readSchemes } from "./passwords/scheme-reading.ts";
import { createSchemeStore } from "./passwords/scheme-store.ts";
import { startPruning } from "./pruning.ts";
import { createMail } from "./mail/mail.ts";
import { devMailRoutes } from "./mail/routes.ts";
import { createFeedDocuments } from "./revocations/documents.ts";
import { createRevocationFeed } from "./revocations/feed.ts";
import { followRevocations } from "./revocations/follower.ts";
import { createIdentifyFollower } from "./revocations/followers.ts";
import { createRevocationListing } from "./revocations/listing.ts";
import { createPlaces } from "./revocations/places.ts";
import { revocationRoutes } from "./revocations/routes.ts";
import { createRevocationLog } from "./revocations/store.ts";
import { createCookieSessions } from "./sessions/cookie-sessions.ts";
import { createDatabaseSessions } from "./sessions/database-sessions.ts";
import { createHasFactorStill } from "./sessions/factor-shown.ts";
import { createMemorySessions } from "./sessions/memory-sessions.ts";
import { createMySessions } from "./sessions/my-sessions.ts";
import { createTellOfLogin } from "./sessions/opened-login.ts";
import { sessionRoutes } from "./sessions/routes.ts";
import { defaultGraceSeconds } from "./sessions/session.ts";
import { createStoredSessions } from "./sessions/store.ts";
import { createLoginChallenges } from "./second-factor/login-challenges.ts";
import { factorLoginRoutes } from "./second-factor/login-routes.ts";
import { createMyFactors } from "./second-factor/my-factors.ts";
import { factorRemoval } from "./second-factor/removal-store.ts";
import { factorRoutes } from "./second-factor/routes.ts";
import { createSecondFactors } from "./second-factor/second-factor.ts";
import { createSecondFactorStore } from "./second-factor/store.ts";
import { createStepUps } from "./second-factor/step-up.ts";
import { stepUpRoutes } from "./second-factor/step-up-routes.ts";
import type { Settings } from "./settings/settings.ts";
import { openBuckets } from "./throttling/open.ts";
import { createThrottling } from "./throttling/throttling.ts";
import { createThrottlingTrail } from "./throttling/trail.ts";
import { createClaimsMaker } from "./tokens/app-claims.ts";
import { createAccessTokens } from "./tokens/access-tokens.ts";
import { discoveryRoutes } from "./tokens/discovery-routes.ts";
import { createAccessTokenReader, createTokenInspection } from "./tokens/inspection.ts";
import { createRefreshTokens } from "./tokens/refresh-token.ts";
import { createRenewalRateLimit } from "./tokens/renewal-rate-limit.ts";
import { createRenew } from "./tokens/renew.ts";
import { tokenRoutes } from "./tokens/routes.ts";
import { createIssueTokens } from "./tokens/tokens.ts";

/** What all features stand on. */
export interface Kernel {
  readonly app: FastifyInstance;
  readonly settings: Settings;
  readonly database: Database;
  readonly metrics: Metrics;
}

export interface Features {
  readonly guard: Guard;
  /** What judges the access tokens of this issuer. */
  readonly verifier: AccessVerifier;
  /** Whether some account may do everything. */
  readonly hasAdministrator: () => Promise<boolean>;
  /** Registers the routes of every feature. */
  readonly routes: readonly RegisterRoutes[];
  /** Registers those that stand at the root of the app, whatever the prefix. */
  readonly rootRoutes: readonly RegisterRoutes[];
}

type RegisterRoutes = (app: FastifyInstance) => PromiseLike<unknown>;

/** Every `routes.ts` is a plugin that keeps its hooks to itself, so nobody has to know how to register it. */
function routesOf<Options extends object>(
  plugin: FastifyPluginAsync<Options>,
  options: Options,
): RegisterRoutes {
  return (app) => app.register(async (scope) => plugin(scope, options));
}

/** @throws KeyError, StoreError */
export async function buildFeatures({ app, settings, database, metrics }: Kernel): Promise<Features> {
  const { issuer, baseUrl, prefix, audience, accessTokenTtlSeconds } = settings;

  // The stores: verbs on the database, a few of which each service is given.
  const rolesWithSecondFactor: ReadonlySet<string> = new Set(settings.requireSecondFactor);
  const sessionLimits = {
    graceSeconds: defaultGraceSeconds,
    ...settings.sessionLimits,
    rolesWithSecondFactor,
  };
  const audit = createAuditTrail(database);
  const installation = createInstallationStore(database);
  const agreedTime = await agreeOnTime(database);
  const revocationLog = createRevocationLog(database, { agreedTime });
  const signingKeyStore = createSigningKeyStore(database);

  // keys
  const masterKey = await openMasterKey({
    value: settings.masterKey,
    dataDir: settings.dataDir,
    store: installation,
  });
  const sealing = createAuditSealing({ masterKey, installation, audit });
  if (!(await sealing.begin()))
    app.log.error("the audit trail is not what was sealed: run countersign audit verify");
  const signingKeys = await createSigningKeys({
    store: signingKeyStore,
    masterKey,
    algorithm: settings.algorithm,
    initialAlgorithm: settings.initialAlgorithm,
    accessTokenTtlSeconds,
    agreedTime,
    onError: (error) => app.log.warn({ err: error }, "the signing keys cannot be read"),
  });
  runInBackground(app, {
    name: "signing keys",
    stops: "after-drain",
    start: () => signingKeys.start(),
    stop: () => signingKeys.close(),
  });

  // mail
  const mail = await createMail({
    database,
    masterKey,
    settings,
    accounts: createMailAccounts(database),
    invitations: createMailInvitations(database),
    onError: (error) => app.log.warn({ err: error }, "a mail was not sent"),
    onOutcome: (outcome) => metrics.count("countersign_mails_total", { outcome }),
  });
  if (mail.worker !== undefined) {
    const { worker } = mail;
    runInBackground(app, {
      name: "mail",
      stops: "before-drain",
      start: () => worker.start(),
      stop: () => worker.stop(),
    });
  }

  const tellOfLogin = createTellOfLogin(
    database,
    mail.mailing.isOn && settings.newDeviceMail ? mail.mailing : undefined,
  );
  const sessions = createStoredSessions(database, sessionLimits, agreedTime, tellOfLogin);

  const permissions = createPermissions(settings.rolePermissions);
  const administrators = createAdministrators(database, permissions.administratorRoles);
  const accountStore = createAccountStore(database, sessionLimits, {
    administrators,
    mailing: mail.mailing,
    takeInvitation: createTakeInvitation(database, createMayInvite(permissions)),
  });
  const invitationStore = createInvitationStore(database, sessionLimits, mail.mailing);

  // throttling
  const onThrottlingError = (error: unknown) => app.log.warn({ err: error }, "throttling failed");
  const buckets = await openBuckets(database, { onError: onThrottlingError });
  const throttlingTrail = createThrottlingTrail({
    record: (event) => database.record(event),
    userIdOf: async (addressKey) => (await accountStore.findByEmail(addressKey))?.account.id,
    onError: onThrottlingError,
  });
  const throttling = createThrottling({
    buckets,
    secret: masterKey.derive("throttling"),
    limits: settings,
    onEdge: (edge, about) => throttlingTrail.tell(edge, about),
    onRefused: (by) => metrics.count("countersign_throttled_total", { by }),
    onError: onThrottlingError,
    patienceMs: settings.hashingWaitSeconds * 1000,
  });
  runInBackground(app, {
    name: "throttling",
    stops: "after-drain",
    start: () => buckets.start(),
    async stop() {
      await throttlingTrail.settle();
      await buckets.stop();
    },
  });

  // revocations
  const revocations = await followRevocations({
    log: revocationLog,
    database,
    onStore: (state, error) => app.log.warn({ err: error }, `revocations: store ${state}`),
  });
  runInBackground(app, {
    name: "revocation follower",
    stops: "before-drain",
    stop: () => revocations.close(),
  });
  const feed = createRevocationFeed({
    revocations,
    onError: (error) => app.log.warn({ err: error }, "the revocation feed broke off"),
  });
  const places = createPlaces();
  const identify = createIdentifyFollower({
    secrets: settings.feedFollowers,
    letsStrangersIn: settings.feed === "open",
  });

  // devices
  const devices = createDevices({
    store: createDeviceStore(database),
    tokens: createDeviceTokens(masterKey.derive("device-token")),
  });

  // sessions
  const passkeyStore = createPasskeyStore(database, {
    limits: sessionLimits,
    rolesWithSecondFactor,
    notices: mail.mailing,
  });
  const sessionStore =
    settings.sessionStore === "memory"
      ? createMemorySessions({
          accounts: accountStore,
          hasFactorStill: createHasFactorStill(database),
          audit,
          tellOfLogin: (login, origin) => database.change((change) => tellOfLogin(change, login, origin)),
          limits: sessionLimits,
        })
      : createDatabaseSessions(sessions);
  const cookieSessions = createCookieSessions(sessionStore);
  const mySessions = createMySessions({ sessions, sessionStore });

  // The guard of every feature: tokens of this issuer, and session cookies where a route lets them in.
  const trust = { keys: signingKeys.keySet, refreshKeys: signingKeys.refresh, issuer, audience };
  const verifier = createAccessVerifier({ ...trust, revocations: revocations.list });
  const checkSameSite = createSameSiteCheck(settings.origins);
  const guard = createGuard({ verifier, cookieSessions, checkSameSite }, app);
  const verifierIgnoringRevocations = createAccessVerifier({ ...trust, revocations: null });
  const guardIgnoringRevocations = createGuard(
    { verifier: verifierIgnoringRevocations, cookieSessions, checkSameSite },
    app,
  );
  const loggedIn = guard.required({ cookies: true });
  const loggedInOrOut = guardIgnoringRevocations.required({ cookies: true });

  // tokens
  const accessTokens = createAccessTokens({
    signingKey: signingKeys.signingKey,
    issuer,
    audience,
    lifetimeSeconds: accessTokenTtlSeconds,
  });
  const refreshTokens = createRefreshTokens(masterKey.derive("refresh-token"));
  const issueTokens = createIssueTokens(accessTokens, refreshTokens);
  const hooks = createHookRunner({
    hooks: settings.hooks ?? {},
    onError: (error, name) => app.log.error({ err: error, hook: name }, "a hook failed"),
  });
  runInBackground(app, { name: "hooks", stops: "after-drain", stop: () => hooks.settle() });
  const toApp = {
    find: async (userId: string) => describeForClaims(await accountStore.credentials(userId)),
    rolesWithSecondFactor,
    onError: (error: unknown) =>
      app.log.error({ err: error }, "no token was given, as the app made no claims for it"),
  };
  const appClaims =
    settings.claims && createClaimsMaker({ ...toApp, ask: settings.claims, names: settings.claimNames });
  const renew = createRenew({
    appClaims:
      appClaims ??
      (hooks.has("renewal") ? createClaimsMaker({ ...toApp, ask: () => ({}), names: [] }) : undefined),
    hooks,
    sessions,
    refreshTokens,
    rateLimit: createRenewalRateLimit({ perMinute: settings.renewalsPerMinute }),
    issueTokens,
    onOutcome: (outcome) => metrics.count("countersign_renewals_total", { outcome }),
  });
  const inspection = createTokenInspection({
    sessions,
    refreshTokens,
    readLive: createAccessTokenReader(verifier),
    callers: settings.introspectionClients,
  });

  // accounts
  const { passwordMinLength, passwordBlocklistFile } = settings;
  const passwordPolicy = createPasswordPolicy({
    minLength: passwordMinLength,
    blocklist: passwordBlocklistFile === undefined ? undefined : readBlocklist(passwordBlocklistFile),
    serviceNames: [new URL(issuer).hostname, audience],
  });
  const hashing = createPasswordHashing({
    patienceMs: settings.hashingWaitSeconds * 1000,
    niceness: settings.hashingNiceness,
    onWait: (seconds, outcome) =>
      metrics.observe("countersign_password_hash_wait_seconds", seconds, { outcome }),
  });
  runInBackground(app, { name: "hashing", stops: "after-drain", stop: () => hashing.close() });
  const onSchemaError = (error: unknown) => app.log.error({ err: error }, "a schema could not say");
  const stopReadingSchemes = await readSchemes({
    store: createSchemeStore(database),
    hashing,
    onError: (error) => app.log.warn({ err: error }, "the schemes of imported passwords cannot be read"),
  });
  runInBackground(app, { name: "password schemes", stops: "before-drain", stop: stopReadingSchemes });
  const accounts = createAccounts({
    store: accountStore,
    hashing,
    sessionStore,
    asksToVerify: settings.emailVerification !== "off",
    proofs: createLoginCounts((outcome) => metrics.count("countersign_password_proofs_total", { outcome })),
    passwordPolicy,
    throttling,
    metadata: createFields({ name: "metadata", schema: settings.metadataSchema, onError: onSchemaError }),
    appClaims,
    hooks,
    signup: settings.signup,
    invitations: createInvitations(mail.codes),
    signupDomains: settings.signupDomains,
  });

  // second factors
  const secondFactorStore = createSecondFactorStore(database, {
    limits: sessionLimits,
    rolesWithSecondFactor,
    notices: mail.mailing,
  });
  const factorSealer = createSealer(masterKey.derive("totp-secret"));
  const recoveryKey = masterKey.derive("recovery-code");
  const passkeyChallenges = createPasskeyChallenges(masterKey.derive("passkey-challenge"));
  const passkeys =
    settings.passkeys &&
    createPasskeys({
      store: passkeyStore,
      accounts: accountStore,
      challenges: passkeyChallenges,
      settings: settings.passkeys,
      devices,
    });
  const secondFactors = createSecondFactors({
    store: secondFactorStore,
    accounts: accountStore,
    challenges: createLoginChallenges(masterKey.derive("login-challenge")),
    sealer: factorSealer,
    recoveryKey,
    showPasskey: passkeys?.show ?? (async () => undefined),
  });
  const stepUps = createStepUps({
    accounts,
    secondFactors,
    sessions,
    sessionStore,
    issueTokens,
    appClaims,
  });
  const myFactors = createMyFactors({
    store: secondFactorStore,
    accounts,
    sessionStore,
    sealer: factorSealer,
    recoveryKey,
    service: new URL(issuer).hostname,
  });

  const myPasskeys =
    settings.passkeys &&
    createMyPasskeys({
      store: passkeyStore,
      accounts,
      makeCodes: myFactors.makeCodes,
      sessionStore,
      challenges: passkeyChallenges,
      settings: settings.passkeys,
      service: new URL(issuer).hostname,
    });

  // login
  const recentLogins = createRecentLogins();
  const passwordLogin = createPasswordLogin(accounts, throttling, devices, {
    hidesUnproved: settings.signupPrivacy,
  });
  const finishLogin = createFinishLogin({
    hooks,
    secondFactor: secondFactors,
    outcomes: createLoginCounts((outcome) => {
      metrics.count("countersign_logins_total", { outcome });
      recentLogins.count(outcome);
    }),
    devices,
    needsProvedAddress: settings.emailVerification === "before-login",
  });
  const tokenCarrier = createTokenCarrier({ sessions, issueTokens, appClaims });
  const cookieCarrier = createCookieCarrier({ sessionStore });
  const answerLogin = createAnswerLogin({
    finishLogin,
    tokenCarrier,
    cookieCarrier,
    checkSameSite,
    devices,
  });

  // confirming addresses
  const showCode = createShowCode(mail.codes, throttling);
  const askForMail = createAskForMail(mail.mailing, throttling);
  const emailChangeStore = createEmailChangeStore(database, {
    limits: sessionLimits,
    mailing: mail.mailing,
    otherCredentials: factorRemoval,
  });
  const emailChange = createEmailChange({
    store: emailChangeStore,
    mailing: mail.mailing,
    showCode,
    accounts,
    sessionStore,
    throttling,
  });
  const emailVerification = createEmailVerification({
    store: createEmailVerificationStore(database, {
      limits: sessionLimits,
      mailing: mail.mailing,
      otherCredentials: factorRemoval,
      isFor: mail.codes.isFor,
    }),
    askForMail,
    showCode,
    accounts: accountStore,
    // Whoever has the mail learns nothing new by a right password.
    passwordLogin: createPasswordLogin(accounts, throttling, devices),
    devices,
    sessionStore,
    confirmChange: (code, proof, origin) => emailChange.confirm(code, proof, origin),
  });

  // logins that were somebody else's
  const disownLogin = createDisownLogin({
    store: createDisownedStore(database, {
      limits: sessionLimits,
      mailing: mail.mailing,
      isFor: mail.codes.isFor,
    }),
    showCode,
    sessionStore,
  });

  // password reset
  const passwordReset = createPasswordReset({
    hooks,
    store: createPasswordResetStore(database, {
      notices: mail.mailing,
      otherCredentials: factorRemoval,
      isFor: mail.codes.isFor,
    }),
    askForMail,
    showCode,
    accounts: accountStore,
    hashing,
    sessionStore,
    throttling,
    onError: onThrottlingError,
    passwordPolicy,
  });

  let stopPruning: () => Promise<void> = async () => {};
  runInBackground(app, {
    name: "pruning",
    stops: "before-drain",
    start() {
      stopPruning = startPruning({
        revocations: revocationLog,
        mail: {
          prune: async () =>
            (await mail.prune()) + (await emailChangeStore.prune()) + (await invitationStore.prune()),
        },
        sessions,
        challenges: secondFactorStore,
        onError: (error) => app.log.warn({ err: error }, "pruning failed"),
      });
    },
    stop: () => stopPruning(),
  });

  // instances
  const [instanceId, startedAt] = [newId(), isoTime(Date.now())];
  const instances = createInstances({
    store: createInstanceReportStore(database),
    own: () => ({
      id: instanceId,
      version: packageJson.version,
      started_at: startedAt,
      followers: feed.followers().map((one) => reportedFollower(one, Date.now())),
      logins: recentLogins.counts(),
      deployment: {
        issuer,
        guesses_per_source: settings.guessesPerSource,
        guesses_per_account: settings.guessesPerAccount,
        dev_mail: mail.devMailbox !== undefined,
        sends_mail: settings.smtpUrl !== undefined,
      },
    }),
    onError: (error) => app.log.warn({ err: error }, "the other instances cannot be told of this one"),
  });
  runInBackground(app, {
    name: "instances",
    stops: "after-drain",
    start: () => instances.start(),
    stop: () => instances.stop(),
  });

  // admin
  const administration = createAdministration({
    hooks,
    accounts: accountStore,
    appMetadata: createFields({
      name: "app_metadata",
      schema: settings.appMetadataSchema,
      onError: onSchemaError,
    }),
    search: createAccountSearch(database),
    sessions,
    sessionStore,
    sendReset: mail.mailing.isOn ? createSendReset(database, sessionLimits, mail.mailing) : undefined,
    permissions,
    hashing,
    passwordPolicy,
  });
  const inviting = createInviting({
    store: invitationStore,
    askingOf: createAskingOf(permissions, sessionStore),
    lifetimeSeconds: settings.invitationTtlSeconds,
    isMailOn: mail.mailing.isOn,
    isSignupClosed: settings.signup === "closed",
  });
  const unlock = createUnlock({ accounts: accountStore, permissions, throttling, rolesWithSecondFactor });
  const checkOwnOrigin = createSameSiteCheck(new Set([new URL(issuer).origin]));
  const adminGuard = createAdminGuard({
    guard: createGuard({ verifier, cookieSessions, checkSameSite: checkOwnOrigin }, app),
    checkOwnOrigin,
    permissions,
  });
  const keyChanges = createSigningKeyChanges({
    store: signingKeyStore,
    sealedKeys: createSealedKeys(masterKey),
    accessTokenTtlSeconds,
  });
  const adminRoutes = [
    routesOf(adminAccountRoutes, { administration, unlock, adminGuard }),
    routesOf(adminInvitationRoutes, { inviting, adminGuard }),
    routesOf(adminKeyRoutes, { keyChanges, adminGuard }),
    routesOf(adminAuditRoutes, { audit, adminGuard }),
    routesOf(adminInstanceRoutes, {
      instances,
      statistics: createStatistics({ store: createStatisticsStore(database, sessionLimits), instances }),
      adminGuard,
    }),
    routesOf(adminRevocationRoutes, { listRevocations: createRevocationListing(database), adminGuard }),
    routesOf(myPermissionsRoutes, { permissions, loggedIn }),
  ];

  // operations: the commands of whoever runs the server, where it has the database to itself
  await takeCommands(
    { app, settings },
    {
      database,
      masterKey: async () => masterKey,
      auditSealing: async () => sealing,
      administration: async () => ({ verbs: administration, inviting, permissions }),
      sendTestMail: mail.sendTestMail,
      instances: () => instances.all(),
      hasAdministrator: () => administrators.areThere(),
      hashing,
    },
  );

  // console
  const consoleFiles = settings.console ? readConsoleFiles() : undefined;
  if (settings.console && consoleFiles === undefined)
    app.log.info("there is no console: it was not built (npm run prepare builds it)");

  // metrics: what is read when somebody asks
  metrics.gauge("countersign_password_hashes", () => {
    const { running, waiting } = hashing.load();
    return [
      { labels: { state: "running" }, value: running },
      { labels: { state: "waiting" }, value: waiting },
    ];
  });
  metrics.gauge("countersign_revocation_lag_seconds", () => [{ value: revocations.lagMs() / 1000 }]);
  metrics.gauge("countersign_feed_followers", () => {
    const { named, strangers } = places.taken();
    return [
      { labels: { kind: "named" }, value: named },
      { labels: { kind: "stranger" }, value: strangers },
    ];
  });
  metrics.gauge("countersign_signing_key_age_seconds", () =>
    Array.from(signingKeys.ageSeconds(), ([state, value]) => ({ labels: { state }, value })),
  );

  const { jwks, jwksMaxAgeSeconds } = signingKeys;
  return {
    guard,
    verifier,
    hasAdministrator: () => administrators.areThere(),
    rootRoutes: [
      routesOf(discoveryRoutes, { issuer, baseUrl, routePrefix: prefix, jwks, jwksMaxAgeSeconds }),
    ],
    routes: [
      routesOf(revocationRoutes, {
        feed,
        documents: createFeedDocuments({ revocations }),
        places,
        identify,
      }),
      routesOf(auditRoutes, { audit, loggedIn }),
      ...(settings.admin ? adminRoutes : []),
      ...(consoleFiles === undefined
        ? []
        : [
            routesOf(consoleRoutes, {
              files: consoleFiles,
              basePath: new URL(baseUrl).pathname.replace(/\/$/, ""),
              passwordMinLength,
            }),
          ]),
      ...(mail.devMailbox === undefined ? [] : [routesOf(devMailRoutes, { mailbox: mail.devMailbox })]),
      routesOf(sessionRoutes, { mySessions, devices, loggedIn, loggedInOrOut }),
      routesOf(tokenRoutes, { renew, inspection, throttling }),
      routesOf(accountRoutes, {
        accounts,
        issueTokens,
        devices,
        signupPrivacy: settings.signupPrivacy,
        loggedIn,
        rolesWithSecondFactor,
      }),
      routesOf(emailChangeRoutes, { emailChange, loggedIn }),
      routesOf(emailVerificationRoutes, {
        emailVerification,
        perhapsLoggedIn: guard.optional({ cookies: true }),
      }),
      routesOf(passwordResetRoutes, { passwordReset, devices, checkSameSite }),
      routesOf(loginRoutes, { passwordLogin, finishLogin, tokenCarrier }),
      routesOf(disowningRoutes, { disownLogin }),
      routesOf(factorRoutes, { myFactors, loggedIn }),
      routesOf(factorLoginRoutes, { secondFactors, answerLogin }),
      routesOf(stepUpRoutes, { stepUps, loggedIn }),
      ...(passkeys === undefined || myPasskeys === undefined
        ? []
        : [
            routesOf(passkeyRoutes, { myPasskeys, loggedIn }),
            routesOf(passkeyLoginRoutes, { passkeys, secondFactors, answerLogin }),
          ]),
      routesOf(cookieRoutes, {
        passwordLogin,
        finishLogin,
        cookieCarrier,
        cookieSessions,
        checkSameSite,
        devices,
      }),
    ],
  };
}

/** A server without its socket serves all the same: only commands have to wait for its end. */
async function takeCommands(
  { app, settings }: Pick<Kernel, "app" | "settings">,
  installation: Installation,
): Promise<void> {
  const place = socketPlaceOf(settings.databaseUrl);
  if (place === undefined) return;
  if (place.kind === "too_long") return app.log.warn(`no commands are taken: ${place.sentence}`);
  let socket: CommandSocket;
  try {
    socket = await listenForCommands({
      path: place.path,
      installation,
      operations: allOperations,
      onError: (error) => app.log.error({ err: error }, "a command failed"),
    });
  } catch (error) {
    return app.log.warn({ err: error }, "no commands are taken: their socket cannot be made");
  }
  runInBackground(app, { name: "commands", stops: "before-drain", stop: () => socket.close() });
}
