import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseEmailAddress } from "../../src/accounts/email-address.ts";

describe("an email address", () => {
  test.each([
    ["Ada@Example.COM", "ada@example.com"],
    ["first.last+tag@mail.example.co.uk", "first.last+tag@mail.example.co.uk"],
    ["ada@bücher.example", "ada@xn--bcher-kva.example"],
    // A full-width look-alike is the same account as the plain letters.
    ["ａｄａ@example.com", "ada@example.com"],
    ["ada＠example.com", "ada@example.com"],
  ])("%s is the account %s", (text, key) => {
    expect(parseEmailAddress(text)?.key).toBe(key);
  });

  test.each([
    "",
    "ada",
    "@example.com",
    "ada@",
    "ada@localhost",
    "ada@example",
    "ada@@example.com",
    "ada@b@example.com",
    "a b@example.com",
    '"ada"@example.com',
    "ada@example.com,eve@example.com",
    "Ada <ada@example.com>",
    "ada@example.com\r\nbcc: eve@example.com",
    ".ada@example.com",
    "ada..b@example.com",
    "ada@-example.com",
    "ada@exa mple.com",
    "ada@[127.0.0.1]",
    "ada@example.com\u0000",
    "\ud800ada@example.com",
    `${"a".repeat(65)}@example.com`,
    `ada@${"a".repeat(64)}.com`,
    `ada@${"a.".repeat(130)}com`,
  ])("refuses %j", (text) => {
    expect(parseEmailAddress(text)).toBeUndefined();
  });

  test.each([
    "ada@example.com/\r\nBcc: x",
    "eve@example.com/<b>",
    "eve@example.com?subject=x",
    "eve@example.com#x",
    "eve@example.com:25",
    "eve@example.com\\x",
    "eve@user:pw@example.com",
    "eve@ex\tample.com",
    "eve@ex\nample.com",
    "eve@\u00adexample.com",
    "eve@exa%6Dple.com",
    "eve@ex\u200bample.com",
    "eve@example\u3002com",
    "\u0130da@example.com",
    " eve@example.com",
    "eve@example.com\t",
  ])("refuses %j, which a parser of URLs or of headers would cut, drop or decode", (text) => {
    expect(parseEmailAddress(text)).toBeUndefined();
  });

  test("what is judged is what is stored: parsing it gives the same, and one key is one account", () => {
    const sign = fc.constantFrom(
      ...Array.from("@@@..--//\\?#:%<>\r\n\t \0\u00ad\u200d\u3002\uff20\u0130\u212aß"),
    );
    const letters = fc.constantFrom(...Array.from("aAzZ09éÉüöıſＡ０ﬁΣςж例क\u0301"));
    const unit = fc.oneof(
      { weight: 6, arbitrary: letters },
      sign,
      fc.string({ unit: "binary", maxLength: 1 }),
    );
    const part = fc.array(unit, { minLength: 1, maxLength: 12 }).map((units) => units.join(""));
    const address = fc.oneof(
      fc.tuple(part, part).map(([local, domain]) => `${local}@${domain}.com`),
      fc.tuple(part, part).map(([local, end]) => `${local}@example.com${end}`),
      fc.emailAddress(),
      fc.tuple(part, fc.domain()).map(([local, domain]) => `${local}@${domain}`),
    );
    let parsed = 0;
    fc.assert(
      fc.property(address, (text) => {
        const email = parseEmailAddress(text);
        if (email === undefined) return;
        parsed += 1;
        expect(parseEmailAddress(email.address)).toEqual(email);
        expect(parseEmailAddress(email.key)).toEqual({ address: email.key, key: email.key });
        expect(`${email.address}${email.key}`).not.toMatch(/[\p{C}\p{Z}<>"(),:;\\[\]]/u);
        expect(email.address.split("@")).toHaveLength(2);
      }),
      { numRuns: 20_000 },
    );
    expect(parsed).toBeGreaterThan(1000);
  });
});
