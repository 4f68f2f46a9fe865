import { describe, expect, test } from "vitest";
import { readServeOptions } from "../../src/cli/serve.ts";
import { createLinks } from "../../src/mail/links.ts";
import { problemOfMailFrom, readMailFrom } from "../../src/settings/mail-from.ts";
import { problemOfPublicUrl } from "../../src/settings/public-url.ts";
import { readOptions } from "../../src/settings/settings.ts";
import { problemOfSmtpUrl, readSmtpUrl } from "../../src/settings/smtp-url.ts";

const issuer = "https://api.example.com";
const smtpUrl = "smtps://mail.example.com";

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
}

describe("the URL of the mail server", () => {
  test("says host, port, login and protection", () => {
    expect(readSmtpUrl("smtps://auth%40example.com:a%3Ab%2Fc@mail.example.com:2465/")).toEqual({
      host: "mail.example.com",
      port: 2465,
      user: "auth@example.com",
      password: "a:b/c",
      protection: "tls",
    });
    expect(readSmtpUrl("smtp://[::1]:80")).toMatchObject({ host: "::1", port: 80, protection: "none" });
    expect(readSmtpUrl("smtp://[2001:db8::1]")).toMatchObject({
      host: "2001:db8::1",
      protection: "starttls",
    });
  });

  test.each([
    "",
    "mail.example.com",
    "http://mail.example.com",
    "smtp://",
    "smtp://mail.example.com/path",
    "smtp://mail.example.com?tls.rejectUnauthorized=false",
    "smtp://mail.example.com#ignoreTLS",
    "smtp://mail.example.com:0",
    "smtp://mail.example.com:65536",
    "smtp://:password@mail.example.com",
    "smtp://user:%zz@mail.example.com",
    "smtp://mail example.com",
    "smtp://mail.example.com\r\n",
  ])("is refused as %j, and the message does not repeat it", (url) => {
    const problem = problemOfSmtpUrl(url);
    expect(problem).toMatch(/^must be/);
    expect(problem).not.toContain("example.com");
  });
});

describe("whom mail comes from", () => {
  test("is an address, with a name or without", () => {
    expect(readMailFrom("auth@example.com")).toEqual({ name: "", address: "auth@example.com" });
    expect(readMailFrom("Müller & Söhne <auth@example.com>")).toEqual({
      name: "Müller & Söhne",
      address: "auth@example.com",
    });
  });

  test.each([
    "",
    "auth",
    "a@example.com, b@example.com",
    "A <a@example.com>, B <b@example.com>",
    "A\r\nBcc: eve@example.com <a@example.com>",
    '"A" <a@example.com>',
    "A <a@example.com> B",
    "<a@example.com>",
  ])("is refused as %j", (text) => {
    expect(problemOfMailFrom(text)).toMatch(/^must be/);
  });
});

describe("where the links of mail lead", () => {
  test("ML-09: to the console's pages, or to those of the app; the secret stands in the fragment", () => {
    expect(createLinks("https://api.example.com")("reset", "abc")).toBe(
      "https://api.example.com/console/reset#token=abc",
    );
    expect(createLinks("https://example.com/auth/")("verify", "abc")).toBe(
      "https://example.com/auth/console/verify#token=abc",
    );
    expect(createLinks("https://app.example.com/account/{page}")("undo", "abc")).toBe(
      "https://app.example.com/account/undo#token=abc",
    );
    expect(createLinks("https://app.example.com/account?do={page}")("notMe")).toBe(
      "https://app.example.com/account?do=not-me",
    );
  });

  test.each([
    "app.example.com",
    "http://app.example.com",
    "javascript:alert(1)//{page}",
    "https://{page}.example.com/",
    "https://example.com{page}",
    "https://user@example.com/{page}",
    "https://example.com/#{page}",
    "https://example.com/{page}/{page}",
    "https://example.com/?a=b",
  ])("ML-09: are refused as %j", (text) => {
    expect(problemOfPublicUrl(text)).toMatch(/^must be/);
  });

  test.each(["https://example.com", "http://localhost:5173/{page}", "https://example.com/a/{page}?b=c"])(
    "ML-09: may be %j",
    (text) => {
      expect(problemOfPublicUrl(text)).toBeUndefined();
    },
  );
});

describe("the options of mail", () => {
  test("that cannot be together refuse the start", () => {
    expect(problemsOf(() => readOptions({ issuer, smtpUrl }))).toEqual([
      "smtpUrl needs mailFrom: the address that mail comes from",
    ]);
    expect(problemsOf(() => readOptions({ issuer, smtpUrl, mailFrom: "auth@example.com" }))).toEqual([]);
    const local = { issuer: "http://localhost:3000", devMail: true };
    expect(problemsOf(() => readOptions(local))).toEqual([]);
    expect(problemsOf(() => readOptions({ ...local, smtpUrl, mailFrom: "auth@example.com" }))).toEqual([
      "devMail and smtpUrl are both set: take one of them away",
    ]);
    for (const emailVerification of ["before-login", "later"] as const) {
      expect(problemsOf(() => readOptions({ issuer, emailVerification }))).toEqual([
        "emailVerification needs a mail server: set smtpUrl and mailFrom, or devMail for development",
      ]);
      expect(problemsOf(() => readOptions({ ...local, emailVerification }))).toEqual([]);
    }
  });

  test("SU-01: private sign-up is on where logins want a confirmed address and a mail server is there, and refused elsewhere", () => {
    const mailed = { issuer, smtpUrl, mailFrom: "auth@example.com" };
    const local = { issuer: "http://localhost:3000", devMail: true };
    const proved = { emailVerification: "before-login" } as const;
    expect(readOptions({ ...mailed, ...proved }).signupPrivacy).toBe(true);
    for (const options of [
      { issuer },
      mailed,
      { ...mailed, emailVerification: "later" } as const,
      { ...local, ...proved },
      { ...mailed, ...proved, signupPrivacy: false },
    ])
      expect(readOptions(options).signupPrivacy).toBe(false);
    for (const options of [{ issuer }, mailed, { ...local, ...proved }])
      expect(problemsOf(() => readOptions({ ...options, signupPrivacy: true }))).toEqual([
        expect.stringMatching(/^signupPrivacy needs emailVerification "before-login" and a mail server/),
      ]);
  });

  test("ML-08: the dev mailbox is refused where the issuer or the host is not of this machine", () => {
    expect(problemsOf(() => readOptions({ issuer, devMail: true }))).toEqual([
      expect.stringContaining("devMail shows everybody's mail"),
    ]);
    expect(problemsOf(() => readServeOptions(["--dev-mail"], {}))).toEqual([]);
    expect(problemsOf(() => readServeOptions(["--dev-mail", "--host", "::1"], {}))).toEqual([]);
    const everywhere = ["--dev-mail", "--host", "0.0.0.0", "--issuer", "http://localhost:3001"];
    expect(problemsOf(() => readServeOptions(everywhere, {}))).toEqual([
      expect.stringContaining("--dev-mail shows everybody's mail"),
    ]);
  });
});
