import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { createSmtpTransport, type SmtpOptions } from "../../src/mail/smtp.ts";
import { MailRefused, type OutgoingMessage } from "../../src/mail/transport.ts";
import { readSmtpUrl, type SmtpUrl } from "../../src/settings/smtp-url.ts";
import { newAuthority } from "../certificates.ts";
import { startMailServer } from "./mail-server.ts";

const message: OutgoingMessage = {
  id: "a-mail",
  to: "ada@example.com",
  subject: "Bestätigen Sie Ihre Adresse",
  text: "Guten Tag,\n\nhttps://api.example.com/console/verify#token=abc\n",
  html: "<p>Guten Tag,</p>",
  codes: [],
  links: [],
};
const from = { name: "Example", address: "auth@example.com" };
const noEnd = new AbortController().signal;

function transportTo(url: string, options: Partial<SmtpOptions> = {}) {
  return createSmtpTransport({ server: readSmtpUrl(url) as SmtpUrl, from, ...options });
}

/** A server that is no mail server: it does with a connection what it is told. */
async function startBadServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("the mail server", () => {
  test("ML-06: gets a mail with one recipient, as text and HTML, that says that a machine wrote it", async () => {
    const server = await startMailServer();
    await transportTo(server.url).send(message, noEnd);
    const [mail] = server.mails;
    expect(mail).toMatchObject({
      from_: "auth@example.com",
      recipients: ["ada@example.com"],
      subject: message.subject,
      messageId: "<a-mail@example.com>",
      html: message.html,
    });
    expect(mail?.from?.value).toEqual([from]);
    expect(mail?.text).toContain("https://api.example.com/console/verify#token=abc");
    expect(mail?.headers.get("auto-submitted")).toBe("auto-generated");
    expect(mail?.attachments).toEqual([]);
  });

  test("ML-06: an address or a subject that would be two headers is refused before anybody is asked", async () => {
    const server = await startMailServer();
    const transport = transportTo(server.url);
    for (const sign of ["\r\n", "\n", "\r", "\0", "\u2028"]) {
      const broken = `ada@example.com${sign}Bcc: eve@example.com`;
      await expect(transport.send({ ...message, to: broken }, noEnd)).rejects.toThrow(MailRefused);
      await expect(transport.send({ ...message, subject: broken }, noEnd)).rejects.toThrow(MailRefused);
    }
    const lists = [
      "ada@example.com,eve@example.com",
      "ada@example.com;eve@example.com",
      "friends:eve@example.com;",
    ];
    for (const to of [...lists, "Ada <eve@example.com>", '"ada@example.com"@example.net', "eve@a@b"])
      await expect(transport.send({ ...message, to }, noEnd)).rejects.toThrow(MailRefused);
    expect(server.mails).toEqual([]);
  });

  test.each([
    [550, "for good", true],
    [450, "for now, as greylisting does", false],
  ])("ML-04: %i to the recipient is a refusal %s", async (responseCode, _name, isForGood) => {
    const server = await startMailServer({
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error("not here"), { responseCode })),
    });
    const error: unknown = await transportTo(server.url)
      .send(message, noEnd)
      .catch((thrown: unknown) => thrown);
    expect(error instanceof MailRefused).toBe(isForGood);
    expect((error as Error).message).not.toContain("ada");
  });

  test.each([
    ["the sender", { onMailFrom: refuse(550) }],
    ["the connection", { onConnect: refuse(554) }],
  ])("ML-04: a refusal of %s is for who runs the server to mend, so mail waits", async (_name, options) => {
    const server = await startMailServer(options);
    const error: unknown = await transportTo(server.url)
      .send(message, noEnd)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(MailRefused);
  });

  test("ML-04: a 5xx to the mail itself is a refusal for good", async () => {
    const server = await startMailServer({
      onData: (stream, _session, done) => {
        stream.resume();
        stream.on("end", () => done(Object.assign(new Error("spam"), { responseCode: 554 })));
      },
    });
    await expect(transportTo(server.url).send(message, noEnd)).rejects.toThrow(MailRefused);
  });

  test("ML-07: off this machine nothing is said without TLS, and no certificate is taken that is not good", () => {
    expect(readSmtpUrl("smtp://mail.example.com")).toMatchObject({ port: 587, protection: "starttls" });
    expect(readSmtpUrl("smtps://mail.example.com")).toMatchObject({ port: 465, protection: "tls" });
    expect(readSmtpUrl("smtp://127.0.0.1:25")).toMatchObject({ port: 25, protection: "none" });
    expect(readSmtpUrl("smtp://localhost")).toMatchObject({ protection: "none" });
    expect(readSmtpUrl("smtp://127.0.0.1.example.com")).toMatchObject({ protection: "starttls" });
  });

  test("ML-07: a server without STARTTLS gets neither login nor mail", async () => {
    let heard = "";
    const url = await startBadServer((socket) => {
      socket.write("220 mail\r\n");
      socket.on("data", (bytes) => {
        heard += String(bytes);
        socket.write("250 mail\r\n");
      });
    });
    const password = randomBytes(9).toString("hex");
    const server = {
      ...(readSmtpUrl(url) as SmtpUrl),
      user: "auth",
      password,
      protection: "starttls" as const,
    };
    await expect(createSmtpTransport({ server, from }).send(message, noEnd)).rejects.toBeInstanceOf(Error);
    expect(heard).toMatch(/^EHLO/);
    expect(heard).not.toMatch(/AUTH|MAIL FROM/);
  });

  test.each(["smtp", "smtps"])("ML-07: with %s the certificate must be vouched for", async (scheme) => {
    const authority = newAuthority("an authority of the test");
    const { certificate, privateKey } = authority.issue("mail", "localhost");
    const user = "auth";
    const password = randomBytes(9).toString("hex");
    const given: string[] = [];
    const server = await startMailServer({
      secure: scheme === "smtps",
      cert: certificate,
      key: privateKey,
      disabledCommands: [],
      authOptional: false,
      onAuth(auth, _session, done) {
        given.push(`${auth.username}:${auth.password}`);
        done(null, { user });
      },
    });
    const where = {
      host: "localhost",
      port: server.port,
      user,
      password,
      protection: scheme === "smtps" ? ("tls" as const) : ("starttls" as const),
    };
    await expect(createSmtpTransport({ server: where, from }).send(message, noEnd)).rejects.toMatchObject({
      code: expect.stringMatching(/ETLS|ESOCKET/) as string,
    });
    expect(given).toEqual([]);
    const trusting = createSmtpTransport({ server: where, from, authority: authority.certificate });
    await trusting.send(message, noEnd);
    expect(given).toEqual([`${user}:${password}`]);
    const other = { ...where, host: "127.0.0.1" };
    await expect(
      createSmtpTransport({ server: other, from, authority: authority.certificate }).send(message, noEnd),
    ).rejects.toBeInstanceOf(Error);
  });

  test.each([
    ["says nothing", () => undefined],
    ["greets and then says nothing", (socket: Socket) => void socket.write("220 mail\r\n")],
    ["closes at once", (socket: Socket) => void socket.destroy()],
    [
      "speaks without an end",
      (socket: Socket) => {
        const speak = (): void => {
          if (!socket.destroyed) socket.write("220-more\r\n".repeat(1000), () => setImmediate(speak));
        };
        speak();
      },
    ],
  ])("a server that %s is waited for no longer than it may be silent", async (_name, behave) => {
    const url = await startBadServer(behave);
    await expect(transportTo(url, { silenceMs: 200 }).send(message, noEnd)).rejects.toBeInstanceOf(Error);
  });

  test("whoever stops waits for no server", async () => {
    const url = await startBadServer((socket) => void socket.write("220 mail\r\n"));
    const stop = new AbortController();
    const sending = transportTo(url).send(message, stop.signal);
    setImmediate(() => stop.abort());
    await expect(sending).rejects.toBeInstanceOf(Error);
  });
});

function refuse(responseCode: number) {
  return (...args: unknown[]): void => {
    const done = args.at(-1) as (error: Error) => void;
    done(Object.assign(new Error("refused"), { responseCode }));
  };
}
