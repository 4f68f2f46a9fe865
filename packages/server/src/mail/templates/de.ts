// The mail in German.
import type { DeviceName, FactorName } from "../letter.ts";
import type { MailTexts } from "./texts.ts";

const factors: Readonly<Record<FactorName, string>> = {
  totp: "eine Authenticator-App",
  passkey: "einen Passkey",
  recovery_codes: "Wiederherstellungscodes",
};

const time = new Intl.DateTimeFormat("de-DE", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
const timeOf = (atMs: number): string => `${time.format(atMs)} Uhr UTC`;

function nameOf({ browser, system }: DeviceName): string {
  if (browser !== null && system !== null) return `${browser} auf ${system}`;
  return browser ?? system ?? "ein Gerät, das seinen Namen nicht nennt";
}

const notYou =
  "Falls Sie das nicht waren, wählen Sie sofort ein neues Passwort: Jemand anderes kennt vielleicht das jetzige.";
const ignore =
  "Falls Sie darum nicht gebeten haben, brauchen Sie nichts zu tun: Ohne diese Mail kommt niemand weiter.";

export const de: MailTexts = {
  greeting: "Guten Tag,",
  footer: ({ service }) => `Diese Mail kommt von ${service}. Antworten darauf liest niemand.`,
  letters: {
    verify_address: (_values, { service }) => ({
      subject: `Bestätigen Sie Ihre Adresse für ${service}`,
      before: [
        `Mit dieser Adresse wurde ein Konto bei ${service} angelegt. Bitte bestätigen Sie, dass es Ihre ist.`,
      ],
      link: "Adresse bestätigen",
      code: "Oder geben Sie diesen Code ein, wo Sie danach gefragt werden:",
      after: [
        "Link und Code gelten 24 Stunden lang, und einmal.",
        "Falls Sie sich nicht angemeldet haben, brauchen Sie nichts zu tun: Ohne diese Mail kann niemand das Konto in " +
          "Ihrem Namen nutzen.",
      ],
    }),
    confirm_address: (_values, { service }) => ({
      subject: `Bestätigen Sie Ihre neue Adresse für ${service}`,
      before: [
        `Ein Konto bei ${service} soll diese Adresse bekommen. Bitte bestätigen Sie, dass es Ihre ist.`,
      ],
      link: "Neue Adresse bestätigen",
      code: "Oder geben Sie diesen Code ein, wo Sie danach gefragt werden:",
      after: [
        "Link und Code gelten 24 Stunden lang, und einmal. Sie werden nach dem Passwort des Kontos gefragt.",
        "Falls Sie davon nichts wissen, hat sich vielleicht jemand vertippt. Sie brauchen nichts zu tun.",
      ],
    }),
    reset_password: (_values, { service }) => ({
      subject: `Neues Passwort für ${service}`,
      before: [`Jemand hat um ein neues Passwort für Ihr Konto bei ${service} gebeten.`],
      link: "Neues Passwort wählen",
      code: "Oder geben Sie diesen Code ein, wo Sie danach gefragt werden:",
      after: [
        "Link und Code gelten 30 Minuten lang, und einmal. Das neue Passwort beendet alle Sitzungen des Kontos.",
        ignore,
      ],
    }),
    invitation: ({ untilMs }, { service }) => ({
      subject: `Einladung zu ${service}`,
      before: [`Wer ${service} betreibt, lädt Sie ein, dort mit dieser Adresse ein Konto zu eröffnen.`],
      link: "Konto eröffnen",
      after: [
        `Der Link gilt bis ${timeOf(untilMs)}, und einmal.`,
        "Wenn Sie davon nichts wissen, brauchen Sie nichts zu tun: Ohne diese E-Mail kann niemand das Konto eröffnen.",
      ],
    }),
    address_taken: (_values, { service }) => ({
      subject: `Sie haben schon ein Konto bei ${service}`,
      before: [`Diese Adresse wurde gerade bei ${service} angegeben, hat dort aber schon ein Konto.`],
      link: "Neues Passwort wählen, falls Sie Ihres vergessen haben",
      after: ["Sonst melden Sie sich an wie bisher. Falls Sie das nicht waren: Es hat sich nichts geändert."],
    }),
    new_device: ({ device, networkAddress, atMs }, { service }) => ({
      subject: `Neue Anmeldung bei ${service}`,
      before: [
        `Jemand hat sich an Ihrem Konto bei ${service} mit einem Gerät angemeldet, das wir noch nicht kannten:`,
        [nameOf(device), networkAddress, timeOf(atMs)].filter((part) => part !== null).join(", "),
        "Falls Sie das waren, brauchen Sie nichts zu tun. Falls nicht:",
      ],
      link: "Das war ich nicht",
      after: [
        "Der Link gilt 7 Tage lang. Er beendet diese Sitzung und schickt Ihnen eine Mail, mit der Sie ein neues Passwort " +
          "wählen.",
      ],
    }),
    password_changed: ({ atMs }, { service }) => ({
      subject: `Ihr Passwort für ${service} wurde geändert`,
      before: [`Das Passwort Ihres Kontos bei ${service} wurde am ${timeOf(atMs)} geändert.`, notYou],
      link: "Neues Passwort wählen",
      after: [],
    }),
    address_changed: ({ atMs, token }, { service }) => ({
      subject: `Ihre Adresse für ${service} wurde geändert`,
      before: [
        `Ihr Konto bei ${service} hat seit ${timeOf(atMs)} eine andere Mailadresse. Mail dazu geht von nun an dorthin.`,
        ...(token === undefined ? [] : ["Falls Sie das nicht waren:"]),
      ],
      ...(token === undefined ? {} : { link: "Änderung rückgängig machen" }),
      after:
        token === undefined
          ? ["Falls Sie das nicht waren, wenden Sie sich an den Betreiber des Dienstes."]
          : [
              "Der Link gilt 7 Tage lang. Er holt diese Adresse zurück, beendet alle Sitzungen und entfernt das Passwort " +
                "und alles, was seither zum Konto hinzukam. Danach wählen Sie ein neues Passwort.",
            ],
    }),
    address_restored: ({ atMs }, { service }) => ({
      subject: `Ihre Adresse für ${service} ist zurück`,
      before: [
        `Die Änderung der Adresse Ihres Kontos bei ${service} wurde am ${timeOf(atMs)} rückgängig gemacht. Alle Sitzungen ` +
          "sind beendet, und das Konto hat kein Passwort mehr.",
      ],
      link: "Neues Passwort wählen",
      after: [],
    }),
    factor_added: ({ factor, atMs }, { service }) => ({
      subject: `Ihr Konto bei ${service} hat einen neuen Nachweis`,
      before: [`Am ${timeOf(atMs)} bekam Ihr Konto bei ${service} ${factors[factor]}.`, notYou],
      link: "Neues Passwort wählen",
      after: [],
    }),
    factor_removed: ({ factor, atMs }, { service }) => ({
      subject: `Ihrem Konto bei ${service} wurde ein Nachweis entfernt`,
      before: [`Am ${timeOf(atMs)} verlor Ihr Konto bei ${service} ${factors[factor]}.`, notYou],
      link: "Neues Passwort wählen",
      after: [],
    }),
    test: (_values, { service }) => ({
      subject: `Ein Test von ${service}`,
      before: [`Der Mailserver nimmt Mail von ${service} an, und sie kommt an.`],
      after: [],
    }),
  },
};
