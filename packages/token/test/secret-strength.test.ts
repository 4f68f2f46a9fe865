/** Which secrets can be guessed: those that people make up, and never one that was drawn at random. */
import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { isGuessableSecret, secretKey } from "../src/index.ts";

/** `npm run test:full` tries a million; this is its small twin. */
const triesOfEachKind = process.env["TEST_FULL"] === "1" ? 112_000 : 400;

/** Found in public repositories, long enough for HS256. */
const typed = [
  "<random_string_at_least_32_characters_long>",
  "reallyreallyreallyreallyverysafe",
  "This secret is stored base-64 encoded on the proxy hos",
  "test123-test123-test123-test123-test123-test123-test123",
  "01234567890abcde01234567890abcde01234567890abcde01234567890abcde",
  "12345678901234567890123456789000",
  "1234nbizz234sunshine-ultra-secure-secret-is-awesome",
  "24tngvzaictc000000000000000000000000000000000000000000000000",
  "$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
  "your_jwt_secret_that_is_at_least_32_symbols_long",
  "randomstringthatissolongandpowerfulthatnoonecanguess",
  "supersecretconstantthatyoucannotbreak",
  "!ChangeThisMercureHubJWTSecretKey!",
  "ChangeTh1sToSom3LongRand0mString!!",
  "PLACEHOLDER_PLACEHOLDER_PLACEHOLDER_PLACEHOLDER",
  "qwerqwerqwerqwerqwerqwerqwerqwer",
  "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
  "0123456789ABCDEF0123456789ABCDEF",
  "secretkeythatgoesbeyondandbeyond",
  "your-long-and-secure-jwt-secret-key",
  "jwt_secret_strong_xxxxxxxxxxxxxxxxxxxxxxx",
  "S0M3 M4G1C UN1C0RNS G3N3R4T3D TH1S S3CR3T",
  "cardsForHumanityIsAwesomeAndYouNot!",
  "THIS IS USED TO SIGN AND VERIFY JWT TOKENS, REPLACE IT WITH YOUR OWN SECRET, IT CAN BE ANY STRING",
  "Any String used to sign and verify JWT Tokens,  Replace this string with your own Secret",
  "aLongSecretStringWhoseBitnessIsEqualToOrGreaterThanTheBitnessOfTheTokenEncryptionAlgorithm",
  "Secret key. You can use `mix guardian.gen.secret` to get one",
  "oluwafemi-has-created-this-long-and-secure-secret-for-notify-app",
];

const letters = "abcdefghijklmnopqrstuvwxyz";

function drawn(alphabet: string, length: number): string {
  return Array.from({ length }, () => {
    // A byte beyond the last whole round of the alphabet would make its first characters likelier.
    for (;;) {
      const byte = randomBytes(1).readUInt8();
      if (byte < 256 - (256 % alphabet.length)) return alphabet[byte % alphabet.length];
    }
  }).join("");
}

const random: Record<string, () => string | Uint8Array> = {
  "32 bytes": () => randomBytes(32),
  "16 bytes as hexadecimal digits": () => randomBytes(16).toString("hex"),
  "16 bytes as hexadecimal capitals": () => randomBytes(16).toString("hex").toUpperCase(),
  "32 bytes as base64url": () => randomBytes(32).toString("base64url"),
  "24 bytes as base64": () => randomBytes(24).toString("base64"),
  "a UUID": () => randomUUID(),
  "32 small letters": () => drawn(letters, 32),
  "32 letters and digits": () => drawn(`${letters}${letters.toUpperCase()}0123456789`, 32),
  "32 characters of base32": () => drawn("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32),
};

describe("a secret", () => {
  test.each(typed)("that a person made up can be guessed (RFC 8725 §3.5): %s", (secret) => {
    expect(isGuessableSecret(secret)).toBe(true);
    expect(isGuessableSecret(Buffer.from(secret).toString("base64"))).toBe(true);
    expect(isGuessableSecret(Buffer.from(secret).toString("hex"))).toBe(true);
    expect(() => secretKey("HS256", Buffer.from(secret))).toThrow(
      "this secret can be guessed, as a person made it up",
    );
  });

  test.each(Object.entries(random))("that is random is never taken for one of those: %s", (_kind, draw) => {
    for (let tried = 0; tried < triesOfEachKind; tried += 1) {
      const secret = draw();
      if (isGuessableSecret(secret)) expect.unreachable(String(secret));
    }
  });

  test("of many words is strong, and so is one that was not typed at all", () => {
    expect(isGuessableSecret("zonal grebe tunic quartz fjord vexed myopia bulwark sphinx dwarf")).toBe(false);
    expect(isGuessableSecret("zonal grebe tunic quartz key vexed myopia bulwark sphinx dwarf fjord")).toBe(
      false,
    );
    expect(isGuessableSecret(new Uint8Array(32).fill(1))).toBe(false);
    expect(isGuessableSecret(new Uint8Array(32).fill(0xff))).toBe(false);
  });

  test("is judged by its first 512 characters, in no time", () => {
    expect(isGuessableSecret("a".repeat(1_000_000))).toBe(true);
    expect(isGuessableSecret(randomBytes(100_000).toString("base64"))).toBe(false);
  });

  test("in letters beyond ASCII is judged like any other", () => {
    expect(isGuessableSecret("geheim-geheim-geheim-über-geheim")).toBe(true);
    expect(isGuessableSecret("🔑".repeat(16))).toBe(true);
  });

  test("that is empty can be guessed", () => {
    expect(isGuessableSecret("")).toBe(true);
    expect(isGuessableSecret(" ")).toBe(true);
  });
});
