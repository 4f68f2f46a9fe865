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
});
