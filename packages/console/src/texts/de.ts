// All that the pages say, in German. Code stands between backticks.
import type { Texts } from "./en.ts";
import { passwordMinLength } from "./password-min-length.ts";

const time = (date: Date): string => date.toLocaleTimeString("de", { timeStyle: "short", hourCycle: "h23" });
const minutes = (number: number): string => (number === 1 ? "noch 1 Minute" : `noch ${number} Minuten`);
/** What a row of the trail says beside its event. */
type Detail = Readonly<Record<string, unknown>>;
const word = (detail: Detail, name: string, otherwise: string): string => {
  const value = detail[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : otherwise;
};

export const de: Texts = {
  common: {
    copy: "Kopieren",
    copied: "Kopiert",
    refused: "Nicht erlaubt",
    show: "Zeigen",
    hide: "Verbergen",
    email: "E-Mail-Adresse",
    password: "Passwort",
    cancel: "Abbrechen",
    save: "Speichern",
    keep: "Behalten",
    tryAgain: "Noch einmal",
  },

  parts: { header: "Kopf", payload: "Inhalt", signature: "Signatur" },

  verdict: { accepted: "Angenommen", refused: "Abgelehnt", unchecked: "Nicht geprüft" },

  bar: {
    label: "Seiten",
    skip: "Zum Inhalt",
    story: "Geschichte",
    inspector: "Lupe",
    account: "Konto",
    admin: "Verwaltung",
    logIn: "Anmelden",
  },

  notFound: {
    title: "Hier ist keine Seite",
    lead: "Die Adresse ist vertippt, oder die Seite ist umgezogen.",
    link: "Zur Geschichte, der ersten Seite",
  },

  errors: {
    unreachable: "Der Server ist nicht zu erreichen. Dein Text ist noch da. Versuch es noch einmal.",
    away: "Der Server ist nicht zu erreichen, also weiß niemand, ob du angemeldet bist. Versuch es noch einmal.",
    unavailable: "Die Datenbank ist weg. Lesen geht weiter, Anmelden wartet. Versuch es gleich noch einmal.",
    unexpected:
      "Der Server hat etwas geantwortet, das diese Seite nicht kennt. Versuch es noch einmal, oder sieh in sein Protokoll.",
    otherAccount:
      "In einem anderen Tab hat sich ein anderes Konto angemeldet. Lade diese Seite neu, um damit weiterzumachen.",
    notLoggedIn: "Du bist nicht mehr angemeldet. Melde dich neu an.",
    tooMany: (until: Date) => `Zu viele Versuche. Ab ${time(until)} geht es wieder.`,
    codes: {
      email_taken: "Zu dieser Adresse gibt es ein Konto.",
      email_invalid: "Das ist keine E-Mail-Adresse. Eine sieht so aus: `ada@example.com`.",
      password_too_short: `Das Passwort ist zu kurz. Nimm mindestens ${passwordMinLength} Zeichen. Ein paar Wörter, die nichts verbindet, sind gut.`,
      password_too_long: "Das Passwort ist zu lang. Nimm höchstens 4.096 Byte.",
      password_too_common: "Dieses Passwort probieren Angreifer zuerst. Nimm ein anderes.",
      password_invalid: "Das Passwort enthält Text, der kein Unicode ist. Tippe es neu.",
      invalid_credentials: "Adresse und Passwort passen nicht zusammen. Prüfe beide.",
      busy: "Gerade melden sich zu viele an. Versuch es in 2 Sekunden noch einmal.",
      cross_site:
        "Das nimmt der Server nur von seinen eigenen Seiten. Öffne diese Seite unter seinem eigenen Namen.",
      second_factor_invalid: "Dieser Code stimmt nicht oder war schon gebraucht. Warte auf den nächsten.",
      second_factor_locked: "Zu viele falsche Codes. Warte ein paar Minuten, oder nimm einen Ersatzcode.",
      factor_needed:
        "Eine deiner Rollen verlangt einen zweiten Nachweis. Füge einen anderen hinzu, bevor du den letzten entfernst.",
      forbidden: "Dein Konto darf das nicht, denn es geht über das hinaus, was deine Rollen erlauben.",
      last_administrator: "Das ist das letzte Konto, das verwalten darf. Mach erst ein anderes.",
      roles_invalid:
        "So heißt keine Rolle. Nimm Buchstaben, Ziffern und Zeichen ohne Leerzeichen, höchstens 64.",
      account_disabled: "Das Konto ist gesperrt. Gib es erst frei.",
      mail_off: "Dieser Server verschickt keine Mail. Setze `COUNTERSIGN_SMTP_URL`.",
      signup_closed: "Hier legt niemand selbst ein Konto an. Frag, wer den Dienst betreibt.",
      invitation_needed: "Hier legt nur ein Konto an, wer eingeladen wurde. Öffne den Link in der E-Mail.",
      code_invalid:
        "Dieser Code gilt nicht: Er ist falsch, gebraucht oder älter als 30 Minuten. Lass einen neuen schicken.",
      not_found: "Das gibt es schon nicht mehr.",
      email_unverified: "Deine Adresse ist noch nicht bestätigt. Nimm den Link oder den Code aus der Mail.",
      email_not_allowed: "Mit Adressen dieser Domain legt man hier kein Konto an.",
      passkey_invalid:
        "Der Server nimmt diesen Passkey nicht an. Melde dich anders an, und füge einen neuen hinzu.",
      factor_exists: "Dein Konto hat das schon, oder so viele, wie es haben darf.",
    },
  },

  receipt: {
    before: "Was gesendet wird",
    after: "Was gerade geschah",
    willSend: "Du wirst senden",
    sent: "Du hast gesendet",
    answered: (status: number) => `Der Server antwortete ${status}`,
    within: (ms: string) => `in ${ms}`,
    noBody: "Mehr nicht.",
    recorded: "Das Protokoll vermerkt",
    row: (seq: number) => `Zeile ${seq}`,
    nothing: "Nichts wurde aufgeschrieben. Das heißt zustandslos.",
    noTrail: "Im Protokoll steht eine Zeile, aber dieser Server zeigt sie hier nicht.",
    heard: "Die Meldung an alle",
    curl: "den curl-Befehl",
  },

  story: {
    label: "Die Geschichte, sieben Schritte",
    titles: [
      "Ein Konto anlegen",
      "Anmelden und das Token ansehen",
      "Vorzeigen und eingelassen werden",
      "Ein Wort ändern",
      "Abmelden",
      "Das eigene Token stehlen",
      "Dasselbe mit einem Cookie",
    ],
    stepOf: (step: number) => `Schritt ${step} von 7`,
    isDone: "getan",
    next: (title: string) => `Weiter: ${title}`,
    goTo: (step: number) => `Zu Schritt ${step}`,
    inspect: "In der Lupe öffnen",
    needs: {
      account: "Dieser Schritt braucht ein Konto. Leg in Schritt 1 eines an, es ist ein Klick.",
      token: "Dieser Schritt braucht ein Token. Hol dir in Schritt 2 eines.",
      newToken: "Dein Token ist abgelaufen, wie Token das tun. Hol dir in Schritt 2 ein neues.",
    },

    signUp: {
      leadLocal: "Leg auf diesem Server ein Konto an. Jede Adresse geht, nichts verlässt diesen Rechner.",
      lead: "Leg auf diesem Server ein Konto an. Jede Adresse geht, und es wird keine Mail verschickt.",
      realTitle: "Alles ist echt",
      realText:
        "Sieben Schritte, und jeder Knopf sendet, was du hier siehst, an den Server, von dem diese Seite kommt. Kopier es, und tu dasselbe im Terminal.",
      action: "Konto anlegen",
      emailHint: "Es wird keine Mail verschickt.",
      passwordHint: "Gerade eben ausgedacht, und gut genug zum Behalten.",
      another: "Eine andere Adresse nehmen",
      goOn: "Es ist meins: damit weiter",
      result:
        "Der Server hat dein Passwort nicht behalten. Er behielt einen Hash: leicht zu prüfen, zu langsam zum Zurückraten.",
      more: "Von nun an weist du dich aus, indem du das Passwort einmal angibst und dann vorzeigst, was du dafür bekommst.",
      answerNote: "Kein Passwort in der Antwort: Niemand kann es zurücklesen, auch der Server nicht.",
      rowNote: "Jede Änderung hinterlässt so eine Zeile, versiegelt mit einem Hash über die Zeile davor.",
    },

    logIn: {
      lead: "Gib dein Passwort einmal an, und bekomm eine Zeile Text, die für dich steht.",
      leadAfter:
        "Du hast dein Passwort einmal angegeben. Der Server hat es geprüft und dir diese Zeile Text gegeben. Von nun an zeigst du den Text vor, und das Passwort bleibt zu Hause.",
      action: "Anmelden",
      tokenLabel: "Dein Token, in drei Teilen",
      foot: (number: number) =>
        `Wer diesen Text hat, ist du, ${minutes(number)} lang. Behandle ihn wie einen Schlüssel.`,
      answerNote: "Das meiste dieser Zeit ging ins Hashen des Passworts, langsam und mit Absicht.",
      rowNote: "Das Token selbst steht nirgends. Der Server muss es sich nicht merken.",
      cookieTitle: "Mit einem Cookie dagegen",
      cookieText:
        "Der Server behielte eine Zeile und gäbe dir ihre Nummer. Bei jeder Anfrage müsste er sie nachschlagen.",
      cookieLink: "Vergleich in Schritt 7",
    },

    whatItSays: {
      header: "Wie es signiert ist",
      payload: "Was es sagt. Jeder kann es lesen.",
      signature: "Warum man ihm glauben kann",
      algorithm: (alg: string) =>
        alg.startsWith("HS")
          ? "ein Geheimnis signiert und prüft"
          : "ein geheimer Schlüssel signiert, ein öffentlicher prüft",
      kidSecret: "der Name des Geheimnisses, nicht es selbst",
      kid: "welcher öffentliche Schlüssel es prüft",
      exp: (number: number) => (number === 1 ? "wertlos in 1 Minute" : `wertlos in ${number} Minuten`),
      more: (number: number) => `${number} weitere Angaben`,
      fewer: "Weniger Angaben",
      signatureSecret:
        "Berechnet aus den zwei Teilen davor und einem Geheimnis, das nur der Server hat. Ändere einen Buchstaben, und sie passt nicht mehr; ohne das Geheimnis macht niemand eine, die passt.",
      signaturePair:
        "Berechnet aus den zwei Teilen davor und einem geheimen Schlüssel, den nur der Server hat. Ändere einen Buchstaben, und sie passt nicht mehr. Prüfen kann sie jeder mit dem öffentlichen Schlüssel, machen niemand.",
      claims: {
        sub: "dein Konto, ohne deinen Namen",
        roles: "was du hier darfst",
        iss: "wer das Token gemacht hat",
        aud: "für wen es bestimmt ist",
        iat: "wann es gemacht wurde",
        jti: "seine eigene Nummer, nie ein zweites Mal",
        sid: "die Sitzung, zu der es gehört",
        client_id: "durch welche App du dich angemeldet hast",
        auth_time: "wann du dein Passwort angegeben hast",
        amr: "wie du dich ausgewiesen hast",
        acr: "wie sicher sich der Server dessen ist",
      },
    },

    showIt: {
      lead: "Frag jetzt nach den Beiträgen, und zeig das Token vor. Niemand schlägt dich nach: Das Token sagt alles.",
      action: "Die Beiträge abrufen",
      readHeader: {
        secret: "Den Kopf lesen: welches Geheimnis?",
        pair: "Den Kopf lesen: welcher öffentliche Schlüssel?",
      },
      compute: {
        secret: "Die Signatur von Kopf und Inhalt berechnen.",
        pair: "Kopf und Inhalt nehmen, jeden Buchstaben.",
      },
      same: {
        secret: "Dieselbe, die es trägt. Komm herein.",
        pair: "Sie passt, sagt der öffentliche Schlüssel. Komm herein.",
      },
      result: "Kein Passwort, kein Nachschlagen. Jeder Dienst, der den Schlüssel hat, kann das allein.",
      measured: (ms: string) => `Dieselbe Rechnung dauerte in dieser Seite ${ms}.`,
    },

    changeOneWord: {
      lead: "Was man lesen kann, kann man auch schreiben. Mach dich zum Verwalter, und behalte die Signatur.",
      action: "user zu admin machen",
      send: "Absenden",
      tokenLabel: "Das Token, ein Wort geändert",
      answerNote:
        "Der Server sagt jedem abgelehnten Token dasselbe, so lernt ein Fälscher nichts. Diese Seite weiß, warum: Sie hat das Wort selbst geändert.",
      thisServer: "Dieser Server",
      careless: "Ein leichtsinniger Prüfer",
      refused: "Die Signatur passt nicht mehr.",
      refusedMore:
        "Er hat die Signatur dessen berechnet, was kam, und eine andere herausbekommen. Weiter las er nicht.",
      hello: (role: string) => `Hallo, ${role}.`,
      carelessMore:
        "Er las den Inhalt und berechnete die Signatur nie. Lesen ist nicht prüfen. (Er wohnt in dieser Seite.)",
    },

    logOut: {
      lead: "Ein signiertes Token bleibt wahr, bis es abläuft. Wie kann es also aufhören zu gelten?",
      action: "Abmelden",
      thisServer: "Dieser Server",
      otherVerifier: "Ein anderer Dienst",
      thisPage: "Diese Seite, die zuhört",
      serverRefused: "bis er das Token ablehnte.",
      otherRefused: "bis er von der Abmeldung gehört hatte und das Token ablehnte.",
      pageHeard: {
        secret:
          "bis sie von der Abmeldung gehört hatte. Sie hört zu wie jeder andere Dienst. (Ein Dienst mit dem Schlüssel lehnte von da an ab; diese Seite hat keinen und kann nur zuhören.)",
        pair: "bis sie von der Abmeldung gehört hatte. Sie hört zu wie jeder andere Dienst, und jeder von ihnen lehnt das Token von da an ab.",
      },
      notHeard: "Sie hat nichts gehört. Wer den Server nicht erreicht, hört es später.",
      result: "Die Abmeldung geht als eine kurze Zeile an alle, die prüfen.",
      since: "Gezählt ab deinem Klick, Abmeldung und Netz inbegriffen.",
      slow: "Das ist langsam. Etwas anderes beschäftigt diesen Rechner.",
    },

    stealIt: {
      lead: "Läuft das Token ab, tauscht deine App ein zweites, das Refresh-Token, gegen ein neues Paar. Behalte eine Kopie davon, wie ein Dieb.",
      actions: {
        copy: "Anmelden und es kopieren",
        renew: "Erneuern",
        renewAgain: "Noch einmal erneuern",
        thief: "Dieb: die Kopie benutzen",
        renewOnceMore: "Ein letztes Mal erneuern",
      },
      you: "Du",
      thief: "Dieb",
      entries: {
        copy: "meldest dich an. Jemand kopiert dein Refresh-Token, Nummer 0.",
        renew: "tauschst Nummer 0 gegen Nummer 1.",
        renewAgain: "tauschst Nummer 1 gegen Nummer 2. Du bist zweimal weiter.",
        thief: "kommt mit Nummer 0.",
        renewOnceMore: "kommst mit Nummer 2 und bist auch draußen.",
      },
      caught:
        "Ein altes kam zurück. Das kann nur eine Kopie, also hat der Server die Sitzung beendet, für beide.",
      result: "Du meldest dich neu an. Der Dieb kann das nicht.",
      rowNote:
        "Der Server speichert kein Refresh-Token. Drei ganze Zahlen genügen, um zu merken, dass ein altes zurückkam.",
    },

    cookieInstead: {
      lead: "Der andere Klassiker: Der Server behält eine Zeile für dich, der Browser ein Cookie mit ihrer Nummer. Ein Knopf fährt beide.",
      actions: {
        logIn: "Auf beide Arten anmelden",
        read: "Mit beiden lesen",
        change: "Mit beiden den Namen ändern",
        logOut: "Aus beiden abmelden",
      },
      deeds: { logIn: "Anmelden", read: "Lesen", change: "Ändern", logOut: "Abmelden" },
      newName: "Ada",
      caption: "Was jede Art geantwortet hat",
      comparison: "Wie sie sich vergleichen",
      token: "Token",
      cookie: "Cookie",
      notes: {
        logIn:
          "Das Cookie ging geradewegs an den Browser. Kein Skript kann es lesen, auch diese Seite nicht.",
        read: "Der Browser schickte das Cookie von selbst mit. Der Server schlug seine Zeile nach.",
        change:
          "Browser schicken Cookies für jede Seite mit, die fragt, also prüfte der Server auch, welche Seite das ist.",
        logOut: "Die Zeile ist weg, also ist das Cookie die Nummer von nichts.",
      },
      notKept: (address: string) =>
        `Dieser Browser behält hier kein Cookie. Öffne die Seite unter ${address}.`,
      rows: [
        {
          what: "Wer behält was",
          token: "Du behältst alles, der Server nichts",
          cookie: "Der Server behält eine Zeile, du ihre Nummer",
        },
        {
          what: "Was eine Anfrage kostet",
          token: "0-mal nachschlagen, eine Signatur",
          cookie: "1-mal nachschlagen",
        },
        {
          what: "Abmelden",
          token: "Muss zu allen, die prüfen",
          cookie: "Gilt sofort und überall: Es gibt nur einen Ort",
        },
        { what: "Datenbank weg", token: "Token werden weiter geprüft", cookie: "Niemand kommt herein" },
        {
          what: "Andere Dienste",
          token: "Prüfen allein, mit einem öffentlichen Schlüssel",
          cookie: "Müssen diesen fragen",
        },
      ],
      advice: "Eine Website: nimm das Cookie. Mehrere Dienste, oder Aufrufer ohne Browser: nimm Token.",
      end: "Jetzt kennst du JWTs.",
      endMore: "Drei Teile, von allen zu lesen, von niemandem zu ändern, und kurzlebig.",
      yourApi: "In deine API damit",
      again: "Von vorn",
    },
  },

  claims: {
    unknown: "eine eigene Angabe",
    header: {
      typ: (value: string) =>
        value.toLowerCase().endsWith("at+jwt") ? "ein Zugriffs-Token" : "welche Art von Token",
      kid: "welcher Schlüssel",
      cty: "was darin ist",
      jku: "wo ein Schlüssel liegen soll. Nie abholen.",
      jwk: "ein mitgebrachter Schlüssel. Nie glauben.",
      x5u: "wo ein Zertifikat liegen soll",
      crit: "was man verstehen muss",
      unknown: "ein eigener Parameter",
    },
    algorithms: {
      HS: (bits: string) => `HMAC mit SHA-${bits}, ein Geheimnis`,
      RS: (bits: string) => `RSA mit SHA-${bits}, ein Schlüsselpaar`,
      PS: (bits: string) => `RSA-PSS mit SHA-${bits}, ein Paar`,
      ES: (bits: string) => `ECDSA mit SHA-${bits}, ein Paar`,
      Ed: "Ed25519, ein Schlüsselpaar",
      none: "gar keine Signatur",
      unknown: "ein Verfahren, das niemand kennt",
    },
    payload: {
      sub: "das Konto",
      iss: "wer es ausgestellt hat",
      aud: "für wen es bestimmt ist",
      jti: "seine eigene Nummer",
      sid: "die Sitzung dazu",
      client_id: "die App",
      roles: "was der Inhaber darf",
      scope: "was die App darf",
      amr: "wie er sich angemeldet hat",
      acr: "wie sicher das ist",
      name: "ein Name, für alle lesbar",
      email: "eine Adresse, für alle lesbar",
      nonce: "bindet es an eine Anmeldung",
    },
    times: {
      exp: (when: string, at: string, isPast: boolean) =>
        `${isPast ? "abgelaufen" : "läuft ab"} ${when}, ${at}`,
      iat: (when: string, at: string) => `ausgestellt ${when}, ${at}`,
      nbf: (when: string, at: string) => `gilt ab ${at}, ${when}`,
      auth_time: (when: string) => `angemeldet ${when}`,
    },
    noTime: "keine Zeit: Hier stehen Sekunden seit 1970",
    changed: "nach dem Signieren geändert",
    added: "nach dem Signieren ergänzt",
  },

  inspector: {
    title: "Token-Lupe",
    lead: "Füg ein Token ein, oder ändere dieses. Alles wird in dieser Seite berechnet.",
    private: "Nichts, was du tippst, wird irgendwohin gesendet.",
    privateWhy:
      "Diese Seite kam mit einer Content-Security-Policy, `connect-src 'self'`: Der Browser lässt sie mit diesem Server reden und mit niemandem sonst. Dem Server schickt sie keinen Text von dir; sie fragt ihn nach seinen öffentlichen Schlüsseln, und nach mehr nicht.",
    load: "Mein eigenes Token laden",
    loadMissing: "Anmelden und das eigene laden",
    tokenLabel: "Das Token als Text",
    paste: "Token. Füg eines ein, um es zu ersetzen.",
    cameIn: {
      example: "Ein Beispiel, gerade in dieser Seite signiert.",
      own: "Dein eigenes Token, wie der Server es gemacht hat.",
      story: "Das Token der Geschichte, mit seiner Änderung.",
      pasted: (parts: number, length: number) =>
        parts === 3
          ? `Ein Token mit ${length} Zeichen kam herein.`
          : `Ein Text mit ${length} Zeichen kam herein, ${parts} Teile.`,
      throwaway: "Neu signiert, mit einem gerade gemachten Schlüssel.",
      changed: "Geändert, seit es hereinkam.",
      undone: "Wie vor deiner Änderung.",
    },
    editors: {
      header: "wie es signiert ist",
      payload: (number: number, changed: number) =>
        `was es sagt, ${number === 1 ? "1 Angabe" : `${number} Angaben`}${changed === 0 ? "" : `, ${changed} geändert`}`,
      signature: (bytes: number) => `${bytes} Byte`,
      noJson: "noch kein JSON-Objekt",
      noBase64: "kein base64url",
      meanings: (part: string) => `${part}: was darin steht`,
    },
    verdict: {
      label: "Urteil",
      accepted: "Es ist, was der Aussteller signiert hat.",
      acceptedMore: "Die Signatur passt, und nichts im Inhalt spricht dagegen.",
      throwawayMore:
        "Es passt zum Schlüssel unten, der gerade in dieser Seite entstand. Kein Server kennt ihn, also lässt es keiner ein.",
      undo: "Die Änderung zurücknehmen",
      sign: "Mit Wegwerfschlüssel signieren",
      has: "es hat",
      needs: "es braucht",
      onlyPrivate: "Nur der geheime Schlüssel macht eine, die passt.",
      onlyServer: "Nur der Server hat das Geheimnis, das eine macht, die passt.",
      changedClaims: (names: string) =>
        `${names} hat sich nach dem Signieren geändert. Wer prüft, berechnet die Signatur neu und bekommt eine andere.`,
      changedHeader: "Der Kopf hat sich nach dem Signieren geändert, und die Signatur gilt auch ihm.",
      changedSignature: "Die Signatur selbst wurde geändert. Kopf und Inhalt sind, wie sie waren.",
      otherKey:
        "Entweder stammt sie von einem anderen Schlüssel, oder nach dem Signieren hat sich etwas geändert.",
      careless: "Ein leichtsinniger Prüfer lässt es ein",
      carelessMore:
        "Wer den Inhalt liest und die Prüfung auslässt, glaubt alles. Darum ändert sich die Reihenfolge oben nie.",
      carelessNone:
        "Wer das Token wählen lässt, wie es geprüft wird, verlangt hier keine Signatur. Bibliotheken taten das jahrelang.",
    },
    reasons: {
      malformed: "Das ist kein Token.",
      malformedMore:
        "Ein Token besteht aus drei Teilen base64url mit zwei Punkten dazwischen; die ersten zwei sind JSON-Objekte.",
      algorithm_not_allowed: (alg: string) =>
        alg.toLowerCase() === "none" ? "Der Kopf verlangt keine Signatur." : `Der Kopf verlangt ${alg}.`,
      algorithm_not_allowedMore:
        "Der Schlüssel sagt, wie er benutzt wird. Lass nie ein Token wählen, wie es geprüft wird.",
      critical_header: "Der Kopf verlangt eine Erweiterung.",
      critical_headerMore:
        "`crit`, `b64` und `zip` ändern, wie ein Token gelesen wird. Wer sie nicht kennt, muss ablehnen.",
      wrong_type: "Es ist ein Token anderer Art.",
      wrong_typeMore: "`typ` sagt, wofür ein Token da ist, damit keine Art als eine andere durchgeht.",
      unknown_key: (kid: string) => `Kein Schlüssel hier heißt ${kid}.`,
      unknown_keyMore: "Der Schlüssel wurde zurückgezogen, oder das Token kommt von jemand anderem.",
      bad_signature: "Die Signatur passt nicht zu diesem Inhalt.",
      bad_signatureHeader: "Die Signatur passt nicht zu diesem Kopf.",
      expired: (when: string) => `Es lief ${when} ab. Melde dich neu an.`,
      expiredMore: "Die Signatur passt; die Zeit ist um.",
      not_yet_valid: (when: string) => `Es gilt noch nicht, erst ${when}.`,
      not_yet_validMore: "Die Signatur passt; ihre Zeit ist noch nicht gekommen, oder eine Uhr geht falsch.",
      claim_missing: (claim: string) => `Es fehlt ${claim}.`,
      claim_missingMore: "Die Signatur passt, aber das muss darin stehen.",
      claim_invalid: (claim: string) => `${claim} ist nicht, was es sein muss.`,
      claim_invalidMore: "Die Signatur passt, aber der Wert ist von falscher Art.",
      wrong_issuer: "Es kommt von jemand anderem.",
      wrong_issuerMore: "`iss` ist nicht der verlangte Aussteller.",
      wrong_audience: "Es ist für jemand anderen bestimmt.",
      wrong_audienceMore: "`aud` nennt nicht, wer hier prüft.",
    },
    unchecked: {
      no_key: "Noch gibt es keinen Schlüssel zum Prüfen.",
      no_keyMore: "Wähle unten, womit geprüft wird.",
      no_crypto: "Dieser Browser prüft hier nichts.",
      no_cryptoMore: "Öffne diese Seite über https, um Signaturen zu prüfen.",
      server_secret: "Dieser Server signiert mit einem Geheimnis und zeigt es nicht.",
      server_secretMore: "Füg das Geheimnis ein, oder starte mit `COUNTERSIGN_ALGORITHM=ES256`.",
      server_unreachable: "Die Schlüssel des Servers sind nicht zu bekommen.",
      server_unreachableMore:
        "Der Server ist nicht zu erreichen. Versuch es noch einmal, oder füg einen Schlüssel ein.",
      no_json: "Das ist kein JSON.",
      unusable: "Darin ist kein Schlüssel, der ein Token prüfen kann.",
      private_pem: "Das ist ein geheimer Schlüssel. Füg den öffentlichen ein; zum Prüfen reicht er.",
      certificate: "Das ist ein Zertifikat. Füg den öffentlichen Schlüssel ein, der darin steht.",
      unsupported: "Diese Art Schlüssel kennt der Browser nicht.",
    },
    rungs: {
      form: "Wohlgeformt",
      algorithm: "Verfahren erlaubt",
      key: "Schlüssel bekannt",
      signature: "Signatur passt",
      claims: "Zeiten, Aussteller, Empfänger",
      notRead: "nicht gelesen",
      states: { ok: "hält", no: "hält nicht", off: "nicht gelesen" },
      ok: { form: "drei Teile, JSON", signature: "ja", claims: "alle halten" },
      no: { form: "nein", algorithm: "nein", key: "nein", signature: "nein", claims: "sie halten nicht" },
    },
    check: {
      label: "Prüfen mit",
      kinds: { server: "Server", secret: "Geheimnis", jwk: "JWK", pem: "PEM", jwks: "JWKS" },
      fields: {
        secret: "Das Geheimnis",
        jwk: "Ein öffentlicher Schlüssel als JWK",
        pem: "Ein öffentlicher Schlüssel als PEM",
        jwks: "Eine Menge von Schlüsseln",
      },
      serverKeys: (keys: string) => `Er veröffentlicht ${keys}.`,
      expect: "Auch Aussteller oder Empfänger verlangen",
      issuer: "Aussteller (`iss`)",
      audience: "Empfänger (`aud`)",
      expectHint: "Leer: jeder ist recht.",
    },
    warnings: {
      label: "Warnungen",
      none: "`none` heißt, dass niemand es signiert hat. Kein Prüfer darf es annehmen.",
      no_expiry: "Es läuft nie ab. Wer es findet, hat es für immer. Gib ihm ein `exp`.",
      long_life: (days: string) =>
        `Es lebt ${days} Tage. Minuten genügen; von da an trägt ein Refresh-Token weiter.`,
      personal: (claim: string) => `\`${claim}\` handelt von einem Menschen. Jeder kann das lesen.`,
      secret_short: (bytes: number) =>
        `Dieses Geheimnis hat ${bytes} Byte. Nimm 32 zufällige; kürzere errät man ohne den Server.`,
      secret_repetitive:
        "Dieses Geheimnis ist leicht zu raten: Vieles davon ist ein Zeichen. Nimm 32 zufällige Byte.",
      secret_published: "Dieses Geheimnis steht in Anleitungen. Jeder hat es. Nimm 32 zufällige Byte.",
      secret_guessable: "Dieses Geheimnis besteht aus Wörtern, die man zuerst rät. Nimm 32 zufällige Byte.",
      private_key:
        "Das ist ein geheimer Schlüssel. Wer ihn hat, signiert wie du. Zum Prüfen reicht die öffentliche Hälfte.",
    },
  },

  admin: {
    forbidden: (permission: string) =>
      `Dein Konto darf das nicht sehen: Es braucht das Recht ${permission}. Bitte eine Verwalterin darum.`,
    more: "Mehr zeigen",
    nav: {
      label: "Verwaltung",
      people: "Leute",
      keys: "Schlüssel",
      trail: "Protokoll",
      feed: "Widerrufe",
      health: "Zustand",
      mail: "Post",
    },
    people: {
      title: "Leute",
      make: "Konto anlegen",
      search: "Nach Adresse oder Kennung suchen",
      nobodyYet: "Noch hat niemand ein Konto.",
      nobody: (text: string) => `Zu „${text}“ passt niemand. Suche eine ganze Adresse oder eine Kennung.`,
      columns: { email: "Adresse", roles: "Rollen", since: "Seit", state: "Zustand" },
      active: "aktiv",
      disabled: "gesperrt",
    },
    newPerson: {
      title: "Ein Konto für jemanden",
      lead: "Es hat kein Passwort. Schicke danach eine Mail, mit der sein Mensch eines setzt.",
      name: "Name",
      nameHint: "Niemand braucht einen.",
      action: "Konto anlegen",
    },
    person: {
      title: "Ein Mensch",
      name: "Name",
      noName: "Keiner",
      id: "Kennung",
      verified: "Bestätigt: Jemand liest dort Mail",
      unverified: "Noch nicht bestätigt",
      since: "Dabei seit",
      state: "Zustand",
      active: "Aktiv",
      disable: "Sperren",
      askDisable: "Alle Sitzungen enden, und niemand meldet sich an.",
      disabledNow: "Gesperrt. Jede Sitzung ist zu Ende.",
      enable: "Freigeben",
      enabledNow: "Freigegeben. Anmelden geht wieder.",
      passwordText: "Niemand sieht oder setzt es als sein Mensch.",
      sendReset: "Mail schicken",
      resetSent: "Geschickt. Die Mail führt zu einem neuen Passwort.",
      guesses: "Falsche Passwörter",
      guessesText: "Nach zu vielen dürfen unbekannte Geräte nicht mehr raten.",
      unlock: "Vergessen",
      unlocked: (number: number) =>
        number === 0 ? "Vergessen. Es gab keine." : `Vergessen: ${number} hintereinander.`,
      deletion: "Konto löschen",
      deletionText: "Alles davon ist sofort weg. Das Protokoll behält die Kennung.",
      delete: "Löschen",
      askDelete: "Niemand kann es zurückholen.",
      deleted: (email: string) => `Gelöscht: ${email}.`,
    },
    roles: {
      none: "Keine",
      give: "Geben",
      take: "Wegnehmen",
      askTake: "Tokens damit gelten nicht mehr.",
      field: "Rolle",
      hint: "Was eine Rolle erlaubt, steht in den Einstellungen des Servers.",
      given: (role: string) => `Gegeben: ${role}.`,
      taken: (role: string) => `Weggenommen: ${role}.`,
    },
    sessions: {
      title: "Sitzungen",
      none: "Nirgends angemeldet.",
      endAll: "Alle beenden",
      askAll: "Jedes Gerät wird abgemeldet.",
      endedAll: "Beendet. Alle Geräte sind abgemeldet und ab jetzt unbekannt.",
    },
    why: {
      title: "Warum wurde diese Anmeldung abgelehnt?",
      nothing:
        "Nichts lehnt hier jetzt eine Anmeldung ab. Ein einzelnes falsches Passwort hinterlässt keine Zeile; es wird gezählt, und vielleicht ist das Passwort einfach falsch.",
      causes: {
        disabled: () => "Das Konto ist gesperrt. Niemand meldet sich an, bis es freigegeben ist.",
        locked: (detail: Detail) =>
          `${word(detail, "guesses", "Zu viele")} Passwörter hintereinander waren falsch. Unbekannte Geräte dürfen nicht mehr raten, bis es oben vergessen ist oder sein Mensch per Mail ein neues setzt.`,
        refused: (detail: Detail) =>
          `Falsche Passwörter kamen zu oft, gezählt nach ${word(detail, "by", "source")}. Eine Weile wurden auch richtige abgelehnt.`,
        factor_locked: () =>
          "Zu viele falsche Codes der Authenticator-App kamen. 15 Minuten lang gilt sie nicht; ein Ersatzcode gilt.",
        no_password: () => "Noch hat niemand ein Passwort gesetzt. Schicke eine Mail dafür.",
        mail_failed: (detail: Detail) =>
          `Eine Mail an die Adresse ließ sich nicht schicken: ${word(detail, "reason", "der Mailserver nahm sie nicht")}.`,
        reused: () =>
          "Eine Kopie des Refresh-Tokens kam, also endete die Sitzung für beide. Neu anmelden geht.",
        password_changed: () => "Das Passwort wurde geändert. Das alte gilt nicht mehr.",
      },
      trail: "Alles davon, im Protokoll",
    },
    keys: {
      title: "Signierschlüssel",
      lead: (when: string, within: string) =>
        `Der nächste Schlüssel übernimmt am ${when}, ${within}, von selbst. Niemand wird abgemeldet.`,
      leadMade: (when: string, within: string) =>
        `Der nächste Schlüssel ist veröffentlicht und signiert um ${when}, ${within}. Niemand wird abgemeldet.`,
      leadNow: "Der nächste Schlüssel übernimmt jetzt.",
      rotate: "Jetzt wechseln",
      askRotate:
        "Ein neuer Schlüssel wird jetzt veröffentlicht und signiert in einigen Minuten. Niemand wird abgemeldet.",
      rotated: "Veröffentlicht. Prüfer erfahren jetzt von ihm, und dann signiert er.",
      next: "nächster",
      now: "jetzt",
      deeds: {
        published: "veröffentlicht",
        signs: "signiert",
        verifies: "prüft nur",
        gone: "weg",
        next: "wird signieren",
      },
      daysLabel: (number: number, next: string) =>
        `${number === 1 ? "Ein Schlüssel" : `${number} Schlüssel`} auf einer Achse von Tagen. Der nächste Wechsel ist am ${next}.`,
      handover: "Der letzte Wechsel, in Minuten",
      handoverNow: "Ein Wechsel ist im Gang",
      handoverText:
        "Erst lernen alle den neuen Schlüssel kennen, dann signiert er, dann wartet der alte, bis sein letztes Token abgelaufen ist.",
      takesOver: (time: string) => `${time} übernimmt`,
      handoverLabel: (from: string, at: string, to: string) =>
        `Der neue Schlüssel wird um ${from} veröffentlicht, signiert ab ${at}, und der alte prüft bis ${to}.`,
      asTable: "Als Tabelle",
      columns: {
        kid: "Schlüssel",
        created: "Veröffentlicht",
        signs: "Signiert ab",
        keep: "Prüft bis",
        state: "Zustand",
      },
      states: { pending: "veröffentlicht", active: "signiert", retiring: "prüft nur", retired: "weg" },
      revoked: "widerrufen",
    },
    trail: {
      title: "Protokoll",
      person: "Wer, nach Adresse oder Kennung",
      event: "Ereignis",
      everyEvent: "Jedes Ereignis",
      follow: "Mitlesen",
      following: "Liest mit",
      ofOne: (id: string) => `Nur ${id}…`,
      clear: "alle zeigen",
      empty: "Hier ist noch nichts. Nimm einen Filter weg, oder sieh weiter zurück.",
      earlier: "Frühere Zeilen",
      columns: { event: "Ereignis", seq: "Zeile", at: "Zeit", who: "Wer", address: "Adresse" },
      by: "durch",
      row: (seq: string) => `Zeile ${seq}`,
      chain: {
        intact: "Kette heil",
        rows: (rows: string, when: string) => `${rows} Zeilen, geprüft ${when}`,
        broken: "Kette gebrochen",
        brokenMore: (row: string) =>
          `Die Kette bricht in Zeile ${row}. Die Zeilen davor halten. Ruf \`countersign audit verify\` auf.`,
      },
    },
    events: {
      account_created: "Konto angelegt",
      account_changed: "Profil geändert",
      account_deleted: "Konto gelöscht",
      account_disabled: "Konto gesperrt",
      account_enabled: "Konto freigegeben",
      password_changed: "Passwort geändert",
      password_reset_sent: "Mail für neues Passwort",
      password_reset: "Passwort neu gesetzt",
      roles_changed: "Rollen geändert",
      login_failed: "Anmeldung gescheitert",
      guessing_refused: "Raten abgelehnt",
      guessing_locked: "Raten ausgesperrt",
      guessing_unlocked: "Raten wieder erlaubt",
      mail_failed: "Mail gescheitert",
      factor_added: "Nachweis hinzugefügt",
      factor_removed: "Nachweis entfernt",
      factor_locked: "Nachweis gesperrt",
      recovery_codes_renewed: "Ersatzcodes erneuert",
      recovery_code_used: "Ersatzcode verbraucht",
      session_opened: "Sitzung begonnen",
      session_stepped_up: "erneut ausgewiesen",
      session_raised: "Sitzung angehoben",
      session_ended: "Sitzung beendet",
      sessions_ended: "Sitzungen beendet",
      renewal_late: "spät erneuert",
      renewal_reused: "Kopie eines Tokens ertappt",
      renewal_from_future: "Token aus neuerer Datenbank",
      everything_revoked: "alles widerrufen",
      key_created: "erster Schlüssel gemacht",
      key_staged: "Schlüssel veröffentlicht",
      key_activated: "Schlüssel signiert",
      key_retired: "Schlüssel gelöscht",
      key_revoked: "Schlüssel widerrufen",
      key_exported: "Schlüssel herausgegeben",
    },
    feed: {
      title: "Widerrufe",
      lead: "Was vor seinen Tokens endete. Jeder Dienst, der mitliest, hört binnen einer Sekunde davon.",
      closed: "Dieser Server zeigt das nur denen, die mit Namen mitlesen, und diese Seite hat keinen.",
      sessions: "beendete Sitzungen in Kraft",
      keys: "zurückgezogene Schlüssel",
      everything: "alle Tokens vor",
      never: "nie",
      columns: {
        follower: "Wer mitliest",
        instance: "Instanz",
        since: "Liest mit seit",
        cursor: "Stand",
        lag: "Rückstand",
      },
      stranger: (address: string) => `Jemand ohne Namen bei ${address}`,
      upToDate: "auf dem Stand",
      isBehind: (name: string, time: string) =>
        `${name} ist ${time} zurück. Bis das aufgeholt ist, gelten dort vielleicht beendete Sitzungen.`,
      more: (number: string) => `Und ${number} weitere, alle mit weniger Rückstand.`,
      thisPage: "Diese Seite",
      connecting: "verbindet sich",
      heard: (time: string) => `vor ${time} gehört`,
      late: (time: string) => `Seit ${time} still. Beendete Sitzungen fehlen vielleicht, bis sie zurück ist.`,
      live: "Wie es kommt",
      quiet: "Nichts, seit diese Seite offen ist. Beende eine Sitzung, und sie steht hier.",
      how: "Wie ein Dienst mitliest",
      howMore: "Um mitzulesen, reichen fünf Zeilen:",
      howSubject: "die fünf Zeilen",
      five: (issuer: string) =>
        `import { createAccessVerifier } from "@countersign/verifier";
import { createGuard } from "@countersign/verifier/express";

const verifier = createAccessVerifier({ issuer: "${issuer}", audience: "https://posts.example.com" });
app.use("/posts", createGuard(verifier).required());`,
    },
    health: {
      title: "Zustand",
      lead: "Diese Instanz, von dieser Seite einmal in der Sekunde gefragt.",
      ready: "Bereit",
      notReady: "Nicht bereit",
      figures: {
        readyMs: "bereit, mit ihrer Datenbank",
        liveMs: "am Leben",
        revocationsMs: "die Liste der Widerrufe",
        jwksMs: "die öffentlichen Schlüssel",
        inForce: "beendete Sitzungen in Kraft",
        dropped: "verlorene Zeilen im Log",
      },
      statistics: {
        title: "Alle Instanzen zusammen",
        about: (number: string) => `etwa ${number}`,
        accounts: "Konten",
        sessions: "lebende Sitzungen",
        instances: "Instanzen",
        followers: "lesen Widerrufe mit",
        succeeded: (time: string) => `Anmeldungen in ${time}`,
        failed: (time: string) => `gescheiterte Anmeldungen in ${time}`,
      },
      more: "Auch Anmeldungen, Erneuerungen und Wartezeiten sind gezählt: `metricsPort` öffnet `GET /metrics` für Prometheus, auf einem eigenen Port.",
    },
    mail: {
      title: "Postfach zum Entwickeln",
      banner: "Nur zum Entwickeln. Mail wird hier gezeigt, nicht geschickt.",
      off: "Dieser Server hat kein solches Postfach. `npm start` hat eines, nur auf diesem Rechner.",
      empty: "Noch keine Mail. Verlange ein neues Passwort, und sie landet hier.",
      list: "Mails, die neueste zuerst",
      to: (address: string) => `an ${address}`,
      code: "den Code",
      open: "Link öffnen",
    },
  },

  forgotten: {
    title: "Passwort vergessen",
    lead: "Eine Mail führt dich zu einem neuen. Nichts ändert sich, bis du es gesetzt hast.",
    action: "Mail schicken",
    back: "Zurück zur Anmeldung",
    sent: (email: string) =>
      `Wenn ${email} hier ein Konto hat, ist eine Mail unterwegs. Link und Code gelten 30 Minuten.`,
  },

  mailSent: {
    title: "Sieh in deine Mail",
    haveCode: "Den Code aus der Mail eingeben",
    mailbox: "Auf diesem Rechner landet sie im Postfach zum Entwickeln",
    none: "Keine Mail? Such sie bei den unerwünschten, oder prüfe die Adresse.",
    noToken: "Öffne diese Seite mit dem Link aus der Mail. In ihm steht, wonach der Server fragt.",
  },

  verify: {
    title: "Deine Adresse bestätigen",
    lead: "Noch ist nichts geschehen. Der Klick bestätigt, dass du diese Mail liest.",
    leadCode: "Gib den Code aus der Mail ein.",
    asYou: (email: string) =>
      `Du bist als ${email} angemeldet. Geht es in der Mail um dieses Konto, mach weiter.`,
    other: "Es geht um ein anderes Konto",
    passwordHint: "Es zeigt, dass das Konto dir gehört.",
    action: "Bestätigen",
    without: "Ich kenne das Passwort nicht",
    askWithout: "Das Passwort gilt dann nicht mehr, und eine Mail führt zu einem neuen.",
    dead: "Dieser Code gilt nicht: Er ist falsch, gebraucht oder älter als 24 Stunden.",
    wrongPassword: "Das ist nicht das Passwort des Kontos. Link und Code gelten noch.",
    proofNeeded: "Eine Adresse ändert nur, wer das Passwort kennt. Link und Code gelten noch.",
    another: "Eine neue Mail schicken",
    doneTitle: "Deine Adresse ist bestätigt",
    done: "Hier erreicht dich Mail über dein Konto.",
    voided:
      "Nichts zeigte, dass das Konto dir gehört, darum gilt sein Passwort nicht mehr. Eine Mail führt dich zu einem neuen.",
  },

  verifyAgain: {
    title: "Deine Adresse bestätigen",
    lead: "Eine neue Mail kommt, mit einem Link und einem Code.",
    action: "Mail schicken",
    sent: (email: string) =>
      `Wenn ${email} hier ein Konto hat, das nicht bestätigt ist, ist eine Mail unterwegs. Link und Code gelten 24 Stunden.`,
  },

  undo: {
    title: "Deine Adresse zurückholen",
    lead: "Das Konto bekommt seine frühere Adresse wieder. Alle Geräte werden abgemeldet, und eine Mail führt dich zu einem neuen Passwort.",
    action: "Änderung zurücknehmen",
    doneTitle: "Deine Adresse ist zurück",
    done: "Alle Geräte sind abgemeldet, und das alte Passwort gilt nicht mehr. Die Mail, die jetzt kommt, führt dich zu einem neuen.",
    dead: "Dieser Link gilt nicht: Er ist gebraucht oder älter als 7 Tage. Frag, wer diesen Server betreibt.",
  },

  reset: {
    title: "Ein neues Passwort setzen",
    lead: "Es beendet alle Sitzungen des Kontos. Melde dich danach damit an.",
    leadCode: "Gib den Code aus der Mail ein. Das neue Passwort beendet alle Sitzungen des Kontos.",
    code: "Code aus der Mail",
    codeHint: "Zwei Gruppen zu vier Zeichen.",
    action: "Passwort setzen",
    another: "Eine neue Mail schicken",
    setTitle: "Dein Passwort ist gesetzt",
    set: "Alle Geräte sind abgemeldet. Melde dich mit dem neuen an.",
  },

  notMe: {
    title: "Das war ich nicht",
    lead: "Die Sitzung, um die es in der Mail geht, endet, kein Gerät gilt mehr als bekannt, und eine Mail führt dich zu einem neuen Passwort.",
    action: "Diese Sitzung beenden",
    doneTitle: "Diese Sitzung ist vorbei",
    done: "Wer es auch war, ist abgemeldet und kennt vielleicht dein Passwort. Die Mail, die jetzt kommt, führt dich zu einem neuen.",
    dead: "Dieser Link gilt nicht: Er ist gebraucht oder zu alt. Melde dich an, und beende die Sitzung, wo deine Geräte stehen.",
  },

  keyList: {
    title: "Tasten",
    keys: [
      ["?", "diese Liste, und wieder weg"],
      ["/", "suchen, bei Leuten und im Protokoll"],
      ["← →", "die Schritte der Geschichte"],
      ["Alt+1 2 3", "Kopf, Inhalt, Signatur in der Lupe"],
      ["Esc", "behalten, statt zu beenden oder zu löschen"],
    ],
  },

  signup: {
    title: "Ein Konto anlegen",
    action: "Konto anlegen",
    passwordHint: `Mindestens ${passwordMinLength} Zeichen. Ein paar Wörter, die nichts verbindet, sind gut.`,
    other: "Du hast eines?",
    otherLink: "Anmelden",
    taken: "Stattdessen anmelden",
    invited: "Du bist eingeladen. Gib die Adresse ein, an die die E-Mail kam.",
    notInvited:
      "Diese Einladung wurde benutzt, ist abgelaufen oder gilt für eine andere Adresse. Frag, wer sie geschickt hat.",
    sent: (address: string) => `Eine Mail an ${address} führt weiter.`,
    confirm: (email: string) =>
      `Eine Mail an ${email} ist unterwegs. Ihr Link oder ihr Code bestätigt die Adresse; danach meldest du dich an.`,
  },

  login: {
    title: "Anmelden",
    action: "Anmelden",
    other: "Noch kein Konto?",
    otherLink: "Leg eines an",
    forgotten: "Passwort vergessen",
    already: (email: string) => `Du bist als ${email} angemeldet.`,
    toAccount: "Zu deinem Konto",
    retrying: "Gerade melden sich zu viele an. In 2 Sekunden versuchen wir es noch einmal.",
  },

  factor: {
    title: "Noch ein Nachweis",
    lead: "Dein Passwort stimmt. Dieses Konto verlangt noch mehr.",
    codes: {
      totp: {
        label: "Code aus deiner Authenticator-App",
        hint: "Sechs Ziffern, alle 30 Sekunden neue.",
        instead: "Einen Code aus der App nehmen",
        insteadOfPasskey: "Einen Code aus der App nehmen",
      },
      recovery_code: {
        label: "Ersatzcode",
        hint: "Einer der zehn, die du aufbewahrt hast. Jeder gilt einmal.",
        instead: "Die App ist nicht zur Hand: einen Ersatzcode nehmen",
        insteadOfPasskey: "Der Passkey ist nicht zur Hand: einen Ersatzcode nehmen",
      },
    },
    over: "Das dauerte zu lange oder war schon geschehen. Beginne noch einmal mit dem Passwort.",
  },

  confirm: {
    title: "Zeig, dass du es bist",
    text: "Der Server tut das nur innerhalb von fünf Minuten nach einer Anmeldung. Melde dich noch einmal an, und es geht weiter.",
    action: "Bestätigen",
    letBe: "Nichts wurde geändert, denn du hast es nicht bestätigt.",
    other: (email: string) =>
      `Dieser Passkey gehört zu ${email}. Dieses Konto ist jetzt angemeldet, und nichts wurde geändert.`,
  },

  account: {
    title: "Dein Konto",
    logOut: "Abmelden",
    loggedOut: "Du bist abgemeldet.",
    change: "Ändern",
    rows: {
      name: "Name",
      email: "E-Mail-Adresse",
      password: "Passwort",
      sessions: "Sitzungen",
      created: "Dabei seit",
      roles: "Rollen",
    },
    withheld: (roles: string) =>
      `Zurückgehalten, bis du dich mit einem zweiten Faktor anmeldest: ${roles}. Füge oben einen hinzu, melde dich ab und mit ihm an.`,
    address: {
      verified: "Bestätigt",
      unverified: "Noch nicht bestätigt.",
      sendAgain: "Schick mir die Mail",
      sentAgain: "Geschickt. Link und Code darin gelten 24 Stunden.",
      newEmail: "Neue Adresse",
      hint: "Dorthin geht eine Mail. Das Konto behält seine Adresse, bis du die neue bestätigt hast.",
      action: "Mail schicken",
      sent: (email: string) =>
        `Eine Mail an ${email} ist unterwegs. Bestätige dort, und die Adresse ändert sich.`,
    },
    noName: "Keiner. Du brauchst keinen.",
    passwordValue: "Als Hash behalten, den niemand zurücklesen kann",
    currentPassword: "Jetziges Passwort",
    newPassword: "Neues Passwort",
    passwordHint: `Mindestens ${passwordMinLength} Zeichen. Alle anderen Geräte werden abgemeldet.`,
    passwordAction: "Passwort ändern",
    passwordChanged: "Geändert. Alle anderen Geräte sind abgemeldet.",
    wrongPassword: "Dein jetziges Passwort stimmt nicht. Nichts wurde geändert.",
    saved: "Gespeichert.",
    sessionsValue: (number: number) => (number === 1 ? "Nur dieses Gerät" : `${number} Geräte`),
    sessionsLink: "Ansehen",
    deletion: {
      title: "Konto löschen",
      text: "Das Konto, seine Sitzungen und alles, was dazugehört, sind sofort weg. Niemand kann es zurückholen.",
      open: "Löschen",
      typeAddress: (email: string) => `Tippe ${email}, um zu sagen, dass du es so meinst`,
      mismatch: "Das ist nicht die Adresse dieses Kontos. Nichts wurde gelöscht.",
      action: "Das Konto löschen",
      keep: "Behalten",
      done: "Gelöscht. Das Konto ist weg.",
    },
  },

  passkeys: {
    row: "Passkeys",
    none: "Noch keine. Füge einen hinzu, und melde dich ohne Passwort an.",
    needName:
      "Hier keine: Passkeys gehören zu einem Namen, und diese Seite steht unter einer Adresse aus Zahlen.",
    name: "Name",
    nameHint: "Damit du ihn wiedererkennst. Das Gerät ist ein guter.",
    action: "Passkey machen",
    added: "Hinzugefügt. Er meldet dich ohne Passwort an.",
    renamed: "Umbenannt.",
    removed: "Entfernt. Er meldet niemanden mehr an.",
    rename: "Umbenennen",
    askRemove: "Entfernen?",
    used: (when: string) => `zuletzt benutzt ${when}`,
    unused: "noch nicht benutzt",
    synced: "über dieses Gerät hinaus behalten",
    bound: "nur auf seinem Gerät",
    logIn: "Mit einem Passkey",
    asFactor: "Deinen Passkey nehmen",
    problems: {
      dismissed: "Es kam kein Passkey. Versuch es noch einmal, oder geh einen anderen Weg.",
      exists: "Dieses Gerät hat schon einen Passkey deines Kontos.",
      unavailable:
        "Dieser Browser hat hier keine Passkeys. Sie brauchen https und den eigenen Namen des Servers.",
    },
  },

  factors: {
    app: "Authenticator-App",
    appValue: "Jede Anmeldung verlangt einen Code von ihr.",
    none: "Keine. Mit einer öffnet ein gestohlenes Passwort nichts.",
    add: "Hinzufügen",
    added: "Hinzugefügt. Ab jetzt verlangt jede Anmeldung einen Code.",
    remove: "Entfernen",
    askRemove: "Von da an nur mit dem Passwort anmelden?",
    removed: "Entfernt. Dein Passwort öffnet das Konto wieder.",
    setup: {
      scan: "Scanne das mit deiner Authenticator-App.",
      qrAlt: "Das Geheimnis als QR-Code. Es steht darunter auch als Text.",
      orType: "Oder tippe das hinein:",
      secret: "das Geheimnis",
      onThisDevice: "Die App ist auf diesem Gerät: öffnen",
      code: "Der Code, den sie zeigt",
      action: "App hinzufügen",
      wrong:
        "Das ist nicht der Code dieses Augenblicks. Warte auf den nächsten. Geht die Uhr des Geräts richtig?",
    },
    codes: {
      row: "Ersatzcodes",
      title: "Bewahre diese zehn Codes auf. Du siehst sie nur jetzt.",
      text: "Jeder meldet dich einmal an, anstelle der App. Ohne App und ohne Code kommt niemand hinein.",
      subject: "die Ersatzcodes",
      file: (email: string, host: string) => `Ersatzcodes von ${email} bei ${host}. Jeder gilt einmal.`,
      save: "Sichern",
      print: "Drucken",
      kept: "Ich habe sie aufbewahrt",
      left: (number: number) => (number === 1 ? "1 ist übrig" : `${number} sind übrig`),
      renew: "Neue machen",
      askRenew: "Die alten gelten dann nicht mehr.",
      keep: "Behalten",
    },
  },

  sessions: {
    title: "Wo du angemeldet bist",
    lead: (number: number) =>
      number === 1
        ? "Nur auf diesem Gerät."
        : `${number} Sitzungen. Beende eine, und ihre nächste Anfrage wird abgelehnt.`,
    endOthers: (number: number) => (number === 1 ? "Die andere beenden" : `Die anderen ${number} beenden`),
    columns: {
      device: "Gerät",
      keeps: "Behält",
      address: "Adresse",
      since: "Angemeldet",
      used: "Zuletzt benutzt",
      action: "Aktion",
    },
    thisDevice: "dieses Gerät",
    unknownDevice: "Ein Gerät, das seinen Namen nicht sagte",
    now: "jetzt",
    on: (browser: string, system: string) => `${browser} auf ${system}`,
    kinds: { token: "Token", cookie: "Cookie" },
    logOut: "Abmelden",
    end: "Beenden",
    ask: "Beenden?",
    keep: "Behalten",
    ended: (device: string) => `Beendet: ${device}.`,
    endedOthers: "Beendet. Nur dieses Gerät ist noch da.",
    endedElsewhere: "Diese Sitzung wurde auf einem anderen Gerät beendet.",
    gone: "Diese Sitzung ist schon zu Ende.",
    back: "Dein Konto",
  },
};
