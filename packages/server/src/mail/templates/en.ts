// The mail in English.
import type { DeviceName, FactorName } from "../letter.ts";
import type { MailTexts } from "./texts.ts";

const factors: Readonly<Record<FactorName, string>> = {
  totp: "an authenticator app",
  passkey: "a passkey",
  recovery_codes: "recovery codes",
};

const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
const timeOf = (atMs: number): string => `${time.format(atMs)} UTC`;

function nameOf({ browser, system }: DeviceName): string {
  if (browser !== null && system !== null) return `${browser} on ${system}`;
  return browser ?? system ?? "a device that does not say what it is";
}

const notYou = "If that was not you, choose a new password at once: somebody else may know the present one.";
const ignore =
  "If you did not ask for this, you need not do anything: without this mail nobody gets further.";

export const en: MailTexts = {
  greeting: "Hello,",
  footer: ({ service }) => `This mail was sent by ${service}. Nobody reads answers to it.`,
  letters: {
    verify_address: (_values, { service }) => ({
      subject: `Confirm your address for ${service}`,
      before: [`This address was given to open an account at ${service}. Please confirm that it is yours.`],
      link: "Confirm the address",
      code: "Or enter this code where you are asked for it:",
      after: [
        "Link and code work for 24 hours, and once.",
        "If you did not sign up, you need not do anything: nobody can use the account in your name without this mail.",
      ],
    }),
    confirm_address: (_values, { service }) => ({
      subject: `Confirm your new address for ${service}`,
      before: [
        `An account at ${service} is about to change to this address. Please confirm that it is yours.`,
      ],
      link: "Confirm the new address",
      code: "Or enter this code where you are asked for it:",
      after: [
        "Link and code work for 24 hours, and once. You will be asked for the password of the account.",
        "If you do not know of this, somebody may have mistyped their address. You need not do anything.",
      ],
    }),
    reset_password: (_values, { service }) => ({
      subject: `Choose a new password for ${service}`,
      before: [`Somebody asked for a new password for your account at ${service}.`],
      link: "Choose a new password",
      code: "Or enter this code where you are asked for it:",
      after: [
        "Link and code work for 30 minutes, and once. The new password ends all sessions of the account.",
        ignore,
      ],
    }),
    invitation: ({ untilMs }, { service }) => ({
      subject: `You are invited to ${service}`,
      before: [`Whoever runs ${service} invites you to make an account there, with this address.`],
      link: "Make the account",
      after: [
        `The link works until ${timeOf(untilMs)}, and once.`,
        "If you do not know of this, you need not do anything: without this mail nobody can make the account.",
      ],
    }),
    address_taken: (_values, { service }) => ({
      subject: `You have an account at ${service} already`,
      before: [`This address was just given to ${service}, but it has an account there already.`],
      link: "Choose a new password, if you have forgotten yours",
      after: ["Otherwise log in as before. If it was not you who gave the address, nothing has changed."],
    }),
    new_device: ({ device, networkAddress, atMs }, { service }) => ({
      subject: `New login at ${service}`,
      before: [
        `Somebody logged in to your account at ${service} on a device that we had not seen before:`,
        [nameOf(device), networkAddress, timeOf(atMs)].filter((part) => part !== null).join(", "),
        "If that was you, you need not do anything. If not:",
      ],
      link: "This was not me",
      after: [
        "The link works for 7 days. It ends that session and sends you a mail to choose a new password.",
      ],
    }),
    password_changed: ({ atMs }, { service }) => ({
      subject: `Your password for ${service} was changed`,
      before: [`The password of your account at ${service} was changed on ${timeOf(atMs)}.`, notYou],
      link: "Choose a new password",
      after: [],
    }),
    address_changed: ({ atMs, token }, { service }) => ({
      subject: `Your address for ${service} was changed`,
      before: [
        `Your account at ${service} has another email address since ${timeOf(atMs)}. Mail about it goes there from now on.`,
        ...(token === undefined ? [] : ["If that was not you:"]),
      ],
      ...(token === undefined ? {} : { link: "Undo the change" }),
      after:
        token === undefined
          ? ["If that was not you, ask whoever runs the service."]
          : [
              "The link works for 7 days. It brings this address back, ends all sessions, and removes the password and " +
                "whatever was added to the account since. You then choose a new password.",
            ],
    }),
    address_restored: ({ atMs }, { service }) => ({
      subject: `Your address for ${service} is back`,
      before: [
        `The change of the address of your account at ${service} was undone on ${timeOf(atMs)}. All sessions have ended, ` +
          "and the account has no password any more.",
      ],
      link: "Choose a new password",
      after: [],
    }),
    factor_added: ({ factor, atMs }, { service }) => ({
      subject: `Your account at ${service} has a new way to prove that it is you`,
      before: [`On ${timeOf(atMs)} your account at ${service} got ${factors[factor]}.`, notYou],
      link: "Choose a new password",
      after: [],
    }),
    factor_removed: ({ factor, atMs }, { service }) => ({
      subject: `A way to prove that it is you was removed from your account at ${service}`,
      before: [`On ${timeOf(atMs)} your account at ${service} lost ${factors[factor]}.`, notYou],
      link: "Choose a new password",
      after: [],
    }),
    test: (_values, { service }) => ({
      subject: `A test from ${service}`,
      before: [`The mail server takes mail of ${service}, and it arrives.`],
      after: [],
    }),
  },
};
