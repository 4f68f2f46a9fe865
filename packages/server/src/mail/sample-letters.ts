// A letter of each kind, as `countersign mail preview` shows it: what stands in it is nobody's.
import type { Letter, LetterValues, MailPurpose } from "./letter.ts";
import type { Locale } from "./locale.ts";

/** Opens nothing: no server has made it. */
const token = "example".padEnd(43, "-");
const code = "ABCD-2345";

const sampleValues = (atMs: number): LetterValues => ({
  verify_address: { token, code },
  confirm_address: { token, code },
  reset_password: { token, code },
  address_taken: {},
  invitation: { token, untilMs: atMs + 7 * 86_400_000 },
  new_device: {
    device: { browser: "Firefox", system: "Linux" },
    networkAddress: "192.0.2.1",
    atMs,
    token,
  },
  password_changed: { atMs },
  address_changed: { atMs, token },
  address_restored: { atMs },
  factor_added: { factor: "passkey", atMs },
  factor_removed: { factor: "totp", atMs },
  test: {},
});

export function sampleLetter(purpose: MailPurpose, locale: Locale, atMs: number): Letter {
  // Purpose and values belong together; the compiler cannot follow that through the index.
  return { purpose, values: sampleValues(atMs)[purpose], to: "ada@example.com", locale } as Letter;
}
