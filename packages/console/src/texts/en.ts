// All that the pages say, in English. Code stands between backticks.

const time = (date: Date): string => date.toLocaleTimeString("en", { timeStyle: "short", hourCycle: "h23" });
const minutes = (number: number): string => (number === 1 ? "1 more minute" : `${number} more minutes`);

export const en = {
  common: {
    copy: "Copy",
    copied: "Copied",
    refused: "Not allowed",
    show: "Show",
    hide: "Hide",
    email: "Email address",
    password: "Password",
    cancel: "Cancel",
    save: "Save",
    tryAgain: "Try again",
  },

  parts: { header: "Header", payload: "Payload", signature: "Signature" },

  verdict: { accepted: "Accepted", refused: "Refused", unchecked: "Not checked" },

  bar: {
    label: "Pages",
    skip: "Skip to the page",
    story: "Story",
    inspector: "Inspector",
    account: "Account",
    logIn: "Log in",
  },

  notFound: {
    title: "There is no page here",
    lead: "The address is mistyped, or the page has moved.",
    link: "To the story, which is the first page",
  },

  errors: {
    unreachable: "The server cannot be reached. Your text is still here. Try again.",
    away: "The server cannot be reached, so nobody knows whether you are logged in. Try again.",
    unavailable: "The database is away. Reading goes on; logins wait. Try again in a moment.",
    unexpected:
      "The server gave an answer that this page does not know. Try again, or look at the server's log.",
    otherAccount: "Another account has logged in in another tab. Reload this page to go on as that one.",
    notLoggedIn: "You are not logged in any more. Log in again.",
    tooMany: (until: Date) => `Too many tries. Try again at ${time(until)}.`,
    codes: {
      email_taken: "That address has an account.",
      email_invalid: "This is not an email address. One looks like `ada@example.com`.",
      password_too_short:
        "This password is too short. Use at least 15 characters. A few unrelated words do well.",
      password_too_long: "This password is too long. Use at most 4,096 bytes.",
      password_too_common: "Attackers try this password first. Choose another.",
      password_invalid: "This password holds text that is not Unicode. Type it anew.",
      invalid_credentials: "Email and password do not match. Check both.",
      busy: "Too many people log in just now. Try again in 2 seconds.",
      cross_site:
        "The server takes this only from its own pages. Open this page under the server's own name.",
      not_found: "It is gone already.",
    },
  },

  receipt: {
    before: "What it sends",
    after: "What just happened",
    willSend: "You will send",
    sent: "You sent",
    answered: (status: number) => `The server answered ${status}`,
    within: (ms: string) => `in ${ms}`,
    noBody: "Nothing more than that.",
    recorded: "The trail recorded",
    row: (seq: number) => `row ${seq}`,
    nothing: "Nothing was written down. That is what stateless means.",
    noTrail: "There is a row in the audit trail, but this server does not show it here.",
    heard: "The feed said",
    curl: "the curl command",
  },

  story: {
    label: "The story, seven steps",
    titles: [
      "Sign up",
      "Log in, and look at your token",
      "Show it, and be let in",
      "Change one word",
      "Log out",
      "Steal your own token",
      "The same with a cookie",
    ],
    stepOf: (step: number) => `Step ${step} of 7`,
    isDone: "done",
    next: (title: string) => `Next: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    goTo: (step: number) => `Go to step ${step}`,
    inspect: "Open in the inspector",
    needs: {
      account: "This step needs an account. Make one in step 1; it takes one click.",
      token: "This step needs a token. Log in for one in step 2.",
      newToken: "Your token has run out, as tokens do. Log in for a new one in step 2.",
    },

    signUp: {
      leadLocal: "Make an account on this server. Any address works, nothing leaves this computer.",
      lead: "Make an account on this server. Any address works, and no mail is sent.",
      realTitle: "All of it is real",
      realText:
        "Seven steps, and each button sends what you see here to the server that this page came from. Copy it, and do the same in a terminal.",
      action: "Sign up",
      emailHint: "No mail is sent.",
      passwordHint: "Made up just now, and good enough to keep.",
      another: "Use another address",
      goOn: "It is mine: go on with it",
      result: "The server did not keep your password. It kept a hash: easy to check, too slow to guess back.",
      more: "From now on you prove who you are by giving the password once, and then by showing what you get for it.",
      answerNote: "No password in the answer: nobody can read it back, not even the server.",
      rowNote: "Every change leaves a row like this, sealed by a hash over the row before it.",
    },

    logIn: {
      lead: "Give your password once, and get a line of text that stands for you.",
      leadAfter:
        "You gave your password once. The server checked it and handed you this line of text. From now on you show the text, and the password stays at home.",
      action: "Log in",
      tokenLabel: "Your token, in three parts",
      foot: (number: number) =>
        `Whoever holds this text is you, for ${minutes(number)}. Treat it like a key.`,
      answerNote: "Most of that time went into hashing the password, slowly and on purpose.",
      rowNote: "The token itself is written down nowhere. The server does not need to remember it.",
      cookieTitle: "With a cookie instead",
      cookieText:
        "The server would keep a row and give you its number. It has to look the row up at every request.",
      cookieLink: "Compare in step 7",
    },

    whatItSays: {
      header: "How it was signed",
      payload: "What it says. Anyone can read it.",
      signature: "Why it can be believed",
      algorithm: (alg: string): string =>
        alg.startsWith("HS") ? "one secret signs and checks" : "a private key signs, a public one checks",
      kidSecret: "the secret’s name, not the secret",
      kid: "which public key checks it",
      exp: (number: number) => (number === 1 ? "worthless in 1 minute" : `worthless in ${number} minutes`),
      more: (number: number) => `${number} more claims`,
      fewer: "Fewer claims",
      signatureSecret:
        "Computed from the two parts before it and a secret that only the server has. Change one letter and it no longer fits; without the secret, nobody can make one that does.",
      signaturePair:
        "Computed from the two parts before it and a private key that only the server has. Change one letter and it no longer fits. Everybody can check it with the public key; nobody can make one.",
      claims: {
        sub: "your account, without your name",
        roles: "what you may do here",
        iss: "who made the token",
        aud: "whom it is meant for",
        iat: "when it was made",
        jti: "its own number, never used twice",
        sid: "the session it belongs to",
        client_id: "through which app you logged in",
        auth_time: "when you gave your password",
        amr: "how you proved who you are",
        acr: "how sure the server is of it",
      },
    },

    showIt: {
      lead: "Now ask for the posts, and show the token. Nobody looks you up: the token says all there is to know.",
      action: "Call the posts",
      readHeader: { secret: "Read the header: which secret?", pair: "Read the header: which public key?" },
      compute: {
        secret: "Compute the signature of header and payload.",
        pair: "Take header and payload, every letter of them.",
      },
      same: {
        secret: "The same as the one it carries. Come in.",
        pair: "It fits them, says the public key. Come in.",
      },
      result: "No password, no look-up. Any service that has the key can do this alone.",
      measured: (ms: string) => `The same computation took this page ${ms}.`,
    },

    changeOneWord: {
      lead: "The payload can be read, so it can be written. Make yourself an administrator, and keep the signature.",
      action: "Change user to admin",
      send: "Send it",
      tokenLabel: "The token, with one word changed",
      answerNote:
        "The server says the same to every token that it refuses, so a forger learns nothing. This page knows why, as it changed the word itself.",
      thisServer: "This server",
      careless: "A careless verifier",
      refused: "The signature no longer fits.",
      refusedMore: "It computed the signature of what came in, and got another one. It read no further.",
      hello: (role: string) => `Hello, ${role}.`,
      carelessMore:
        "It read the payload and never computed the signature. Reading is not checking. (It lives in this page.)",
    },

    logOut: {
      lead: "A signed token stays true until it expires. So how can it stop working?",
      action: "Log out",
      thisServer: "This server",
      otherVerifier: "Another service",
      thisPage: "This page, listening",
      serverRefused: "until it refused the token.",
      otherRefused: "until it had heard of the log-out and refused the token.",
      pageHeard: {
        secret:
          "until it had heard of the log-out. It listens as every other service does. (A service with the key would refuse from then on; this page has none, so it can only listen.)",
        pair: "until it had heard of the log-out. It listens as every other service does, and each of them refuses the token from then on.",
      },
      notHeard: "It heard nothing. Whoever cannot reach the server hears later.",
      result: "The log-out travels as one short line to everyone who checks.",
      since: "Counted from your click, log-out and network included.",
      slow: "That is slow. Something else keeps this machine busy.",
    },

    stealIt: {
      lead: "When the token runs out, your app swaps a second one, the refresh token, for a new pair. Keep a copy of it, as a thief would.",
      actions: {
        copy: "Log in, and copy it",
        renew: "Renew",
        renewAgain: "Renew again",
        thief: "Thief: use the copy",
        renewOnceMore: "Renew once more",
      },
      you: "You",
      thief: "Thief",
      entries: {
        copy: "logged in. Somebody copied your refresh token, number 0.",
        renew: "swapped number 0 for number 1.",
        renewAgain: "swapped number 1 for number 2. You have moved on twice.",
        thief: "came with number 0.",
        renewOnceMore: "came with number 2, and are out as well.",
      },
      caught: "An old one came back. Only a copy can do that, so the server ended the session, for both.",
      result: "You log in again. The thief cannot.",
      rowNote:
        "The server stores no refresh token. Three integers are enough to tell that an old one came back.",
    },

    cookieInstead: {
      lead: "The other classic: the server keeps a row for you, and the browser a cookie with its number. One button drives both.",
      actions: {
        logIn: "Log in both ways",
        read: "Read with both",
        change: "Change your name with both",
        logOut: "Log out of both",
      },
      deeds: { logIn: "Log in", read: "Read", change: "Change", logOut: "Log out" },
      newName: "Ada",
      caption: "What each way answered",
      comparison: "How they compare",
      token: "Token",
      cookie: "Cookie",
      notes: {
        logIn: "The cookie went straight to the browser. No script can read it, this page neither.",
        read: "The browser sent the cookie by itself. The server looked its row up.",
        change:
          "The browser sends cookies for any page that asks, so the server also checked which page this is.",
        logOut: "The row is gone, so the cookie is a number of nothing.",
      },
      notKept: (address: string) => `This browser keeps no cookie here. Open the page at ${address}.`,
      rows: [
        {
          what: "Who keeps what",
          token: "You keep all of it, the server nothing",
          cookie: "The server keeps a row, you its number",
        },
        { what: "What a request costs", token: "0 look-ups, one signature", cookie: "1 look-up" },
        {
          what: "Log-out",
          token: "Has to travel to whoever checks",
          cookie: "Holds at once, everywhere: there is one place",
        },
        { what: "Database gone", token: "Tokens go on being checked", cookie: "Nobody gets in" },
        { what: "Other services", token: "Check alone, with a public key", cookie: "Have to ask this one" },
      ],
      advice: "One web site: take the cookie. Several services, or callers that are no browser: take tokens.",
      end: "You now know JWTs.",
      endMore: "Three parts, readable by all, changed by nobody, and short-lived.",
      yourApi: "Put it in your API",
      again: "Start again",
    },
  },

  claims: {
    unknown: "a claim of your own",
    header: {
      typ: (value: string): string =>
        value.toLowerCase().endsWith("at+jwt") ? "an access token" : "what kind of token",
      kid: "which key",
      cty: "what is inside",
      jku: "where a key is said to be. Never fetch it.",
      jwk: "a key that came along. Never trust it.",
      x5u: "where a certificate is said to be",
      crit: "extensions that must be understood",
      unknown: "a parameter of your own",
    },
    algorithms: {
      HS: (bits: string) => `HMAC with SHA-${bits}, one secret`,
      RS: (bits: string) => `RSA with SHA-${bits}, a key pair`,
      PS: (bits: string) => `RSA-PSS with SHA-${bits}, a key pair`,
      ES: (bits: string) => `ECDSA with SHA-${bits}, a key pair`,
      Ed: "Ed25519, a key pair",
      none: "no signature at all",
      unknown: "an algorithm nobody knows",
    },
    payload: {
      sub: "the account",
      iss: "who issued it",
      aud: "whom it is meant for",
      jti: "its own number",
      sid: "the session it belongs to",
      client_id: "the app",
      roles: "what its owner may do",
      scope: "what the app may do",
      amr: "how its owner logged in",
      acr: "how sure the issuer is",
      name: "a name, readable by anyone",
      email: "an address, readable by anyone",
      nonce: "ties it to one login",
    },
    times: {
      exp: (when: string, at: string, isPast: boolean) => `${isPast ? "expired" : "expires"} ${when}, ${at}`,
      iat: (when: string, at: string) => `issued ${when}, ${at}`,
      nbf: (when: string, at: string) => `good from ${at}, ${when}`,
      auth_time: (when: string) => `logged in ${when}`,
    },
    noTime: "no time: seconds since 1970 stand here",
    changed: "changed after signing",
    added: "added after signing",
  },

  inspector: {
    title: "Token inspector",
    lead: "Paste a token, or edit this one. Everything is computed in this page.",
    private: "Nothing you type is sent anywhere.",
    privateWhy:
      "This page came with a Content-Security-Policy, `connect-src 'self'`: the browser lets it talk to this server and to nobody else. To the server it sends no text of yours; it asks for its public keys, and nothing more.",
    load: "Load my own token",
    loadMissing: "Log in to load your own",
    tokenLabel: "The token as text",
    paste: "Token. Paste one to replace it.",
    cameIn: {
      example: "An example, signed in this page just now.",
      own: "Your own token, as the server made it.",
      story: "The token of the story, with its change.",
      pasted: (parts: number, length: number) =>
        parts === 3
          ? `A token of ${length} characters came in.`
          : `A text of ${length} characters came in, with ${parts} parts.`,
      throwaway: "Signed anew with a key made just now.",
      changed: "Changed since it came in.",
      undone: "As it was before your change.",
    },
    editors: {
      header: "how it was signed",
      payload: (number: number, changed: number) =>
        `what it says, ${number === 1 ? "1 claim" : `${number} claims`}${changed === 0 ? "" : `, ${changed} changed`}`,
      signature: (bytes: number) => (bytes === 1 ? "1 byte" : `${bytes} bytes`),
      noJson: "not a JSON object yet",
      noBase64: "not base64url",
      meanings: (part: string) => `What the ${part.toLowerCase()} says`,
    },
    verdict: {
      label: "Verdict",
      accepted: "It is what its issuer signed.",
      acceptedMore: "The signature fits, and nothing in the payload speaks against it.",
      throwawayMore:
        "It fits the key below, which was made in this page just now. No server knows that key, so none lets it in.",
      undo: "Undo the change",
      sign: "Sign with a throwaway key",
      has: "it has",
      needs: "it needs",
      onlyPrivate: "Only the private key can make one that fits.",
      onlyServer: "Only the server has the secret that makes one that fits.",
      changedClaims: (names: string) =>
        `${names} changed after the token was signed. Whoever checks it computes the signature anew, and gets another one.`,
      changedHeader: "The header changed after the token was signed, and the signature covers it, too.",
      changedSignature: "The signature itself was changed. Header and payload are as they were.",
      otherKey: "Either another key made it, or something changed after it was signed.",
      careless: "A careless verifier lets it in",
      carelessMore:
        "One that reads the payload and skips the check believes all of it. This is why the order above never changes.",
      carelessNone:
        "One that lets the token choose how it is checked asks for no signature here. Libraries did, for years.",
    },
    reasons: {
      malformed: "This is no token.",
      malformedMore:
        "A token is three parts of base64url with two dots between them, and the first two hold JSON objects.",
      algorithm_not_allowed: (alg: string) =>
        alg.toLowerCase() === "none" ? "The header asks for none." : `The header asks for ${alg}.`,
      algorithm_not_allowedMore: "The key says how it is used. Never let a token choose how it is checked.",
      critical_header: "The header asks for an extension.",
      critical_headerMore:
        "`crit`, `b64` and `zip` change how a token is read. Whoever does not know them must refuse.",
      wrong_type: "It is a token of another kind.",
      wrong_typeMore: "`typ` says what a token is for, so that one kind cannot pass for another.",
      unknown_key: (kid: string) => `No key here is named ${kid}.`,
      unknown_keyMore: "The key was withdrawn, or the token comes from somebody else.",
      bad_signature: "The signature does not fit this payload.",
      bad_signatureHeader: "The signature does not fit this header.",
      expired: (when: string) => `It ran out ${when}. Log in again.`,
      expiredMore: "The signature fits; the time is over.",
      not_yet_valid: (when: string) => `It is not good yet, but ${when}.`,
      not_yet_validMore: "The signature fits; its time has not come, or a clock is wrong.",
      claim_missing: (claim: string) => `It lacks ${claim}.`,
      claim_missingMore: "The signature fits, but this has to be there.",
      claim_invalid: (claim: string) => `${claim} is not what it has to be.`,
      claim_invalidMore: "The signature fits, but the value is of the wrong type.",
      wrong_issuer: "It comes from somebody else.",
      wrong_issuerMore: "`iss` is not the issuer that is asked for.",
      wrong_audience: "It is meant for somebody else.",
      wrong_audienceMore: "`aud` does not name whoever checks it.",
    },
    unchecked: {
      no_key: "There is no key to check with yet.",
      no_keyMore: "Choose below what to check with.",
      no_crypto: "This browser checks nothing here.",
      no_cryptoMore: "Open this page over https to check signatures.",
      server_secret: "This server signs with a secret and does not show it.",
      server_secretMore: "Paste the secret, or start with `COUNTERSIGN_ALGORITHM=ES256`.",
      server_unreachable: "The server’s keys cannot be fetched.",
      server_unreachableMore: "The server cannot be reached. Try again, or paste a key.",
      no_json: "This is not JSON.",
      unusable: "There is no key in it that can check a token.",
      private_pem: "This is a private key. Paste the public one; checking needs no more.",
      certificate: "This is a certificate. Paste the public key that is in it.",
      unsupported: "This browser does not know this kind of key.",
    },
    rungs: {
      form: "Well formed",
      algorithm: "Algorithm allowed",
      key: "Key known",
      signature: "Signature fits",
      claims: "Times, issuer, audience",
      notRead: "not read",
      states: { ok: "holds", no: "fails", off: "not read" },
      ok: { form: "three parts, a JSON header", signature: "it does", claims: "all hold" },
      no: {
        form: "it is not",
        algorithm: "it is not",
        key: "it is not",
        signature: "it does not",
        claims: "they do not hold",
      },
    },
    check: {
      label: "Check with",
      kinds: { server: "This server", secret: "Secret", jwk: "JWK", pem: "PEM", jwks: "JWKS" },
      fields: {
        secret: "The secret",
        jwk: "A public key as JWK",
        pem: "A public key as PEM",
        jwks: "A set of keys",
      },
      serverKeys: (keys: string) => `It publishes ${keys}.`,
      expect: "Also ask for an issuer or an audience",
      issuer: "Issuer (`iss`)",
      audience: "Audience (`aud`)",
      expectHint: "Empty: anyone will do.",
    },
    warnings: {
      label: "Warnings",
      none: "`none` means that nobody signed it. No verifier may accept it.",
      no_expiry: "It never expires. Whoever finds it has it for ever. Give it an `exp`.",
      long_life: (days: string) =>
        `It lives for ${days} days. Minutes do; a refresh token carries on from there.`,
      personal: (claim: string) => `\`${claim}\` is about a person. Anyone can read this.`,
      secret_short: (bytes: number) =>
        `This secret has ${bytes} bytes. Use 32 random bytes; shorter ones are guessed offline.`,
      secret_repetitive: "This secret is easy to guess: much of it is one character. Use 32 random bytes.",
      secret_published: "This secret stands in tutorials. Everybody has it. Use 32 random bytes.",
      secret_guessable: "This secret is made of words that guessers try first. Use 32 random bytes.",
      private_key:
        "This is a private key. Whoever has it signs as you do. Checking needs the public half alone.",
    },
  },

  signup: {
    title: "Make an account",
    action: "Sign up",
    passwordHint: "At least 15 characters. A few unrelated words do well.",
    other: "You have one?",
    otherLink: "Log in",
    taken: "Log in instead",
  },

  login: {
    title: "Log in",
    action: "Log in",
    other: "No account yet?",
    otherLink: "Make one",
    already: (email: string) => `You are logged in as ${email}.`,
    toAccount: "To your account",
    retrying: "Too many people log in just now. We try again in 2 seconds.",
  },

  account: {
    title: "Your account",
    logOut: "Log out",
    loggedOut: "You are logged out.",
    change: "Change",
    rows: {
      name: "Name",
      email: "Email address",
      password: "Password",
      sessions: "Sessions",
      created: "Member since",
      roles: "Roles",
    },
    noName: "None. You need none.",
    passwordValue: "Kept as a hash, which nobody can read back",
    currentPassword: "Current password",
    newPassword: "New password",
    passwordHint: "At least 15 characters. All other devices are logged out.",
    passwordAction: "Change the password",
    passwordChanged: "Changed. All other devices are logged out.",
    wrongPassword: "Your current password is not right. Nothing was changed.",
    saved: "Saved.",
    sessionsValue: (number: number) => (number === 1 ? "Only this device" : `${number} devices`),
    sessionsLink: "See them",
    deletion: {
      title: "Delete account",
      text: "The account, its sessions and whatever belongs to it are gone at once. Nobody can bring it back.",
      open: "Delete",
      typeAddress: (email: string) => `Type ${email} to say that you mean it`,
      mismatch: "This is not the address of this account. Nothing was deleted.",
      action: "Delete the account",
      keep: "Keep it",
      done: "Deleted. The account is gone.",
    },
  },

  sessions: {
    title: "Where you are logged in",
    lead: (number: number) =>
      number === 1 ? "Only this device." : `${number} sessions. End one, and its next request is refused.`,
    endOthers: (number: number) => (number === 1 ? "End the other one" : `End the other ${number}`),
    columns: {
      device: "Device",
      keeps: "Keeps",
      address: "Address",
      since: "Logged in",
      used: "Last used",
      action: "Action",
    },
    thisDevice: "this device",
    unknownDevice: "A device that did not say its name",
    now: "now",
    on: (browser: string, system: string) => `${browser} on ${system}`,
    kinds: { token: "token", cookie: "cookie" },
    logOut: "Log out",
    end: "End",
    ask: "End it?",
    keep: "Keep",
    ended: (device: string) => `Ended: ${device}.`,
    endedOthers: "Ended. Only this device is left.",
    endedElsewhere: "This session was ended on another device.",
    gone: "This session has ended already.",
    back: "Your account",
  },
};

export type Texts = typeof en;
