// Family "recovery": how an account is taken by way of the mail that should give it back. Only against a service.
import { acceptedBy, refusedBy } from "../attack-case.ts";
import { type RecoveryCase, type RecoveryFacts, verdictOf } from "../recovery/recovery-case.ts";
import type { Mailed, RecoveryService } from "../recovery/recovery-service.ts";

const attackersHost = "attacker.invalid";
const somebodysAccount = "the account of whoever reads the mail";

/** Ways to say of a request where it came in. */
const poisons: readonly (readonly [name: string, headers: Readonly<Record<string, string>>])[] = [
  ["Host", { host: attackersHost }],
  ["X-Forwarded-Host", { "x-forwarded-host": attackersHost }],
  ["X-Forwarded-Server", { "x-forwarded-server": attackersHost }],
  ["Forwarded", { forwarded: `host=${attackersHost};proto=http` }],
  ["X-Host", { "x-host": attackersHost }],
  ["X-Original-Host", { "x-original-host": attackersHost }],
  ["Origin", { origin: `https://${attackersHost}` }],
  ["Referer", { referer: `https://${attackersHost}/` }],
];

const poisoned: readonly RecoveryFacts[] = poisons.map(([name, headers]) => ({
  id: "R1",
  name: `a forgotten password asked for with ${name} of the attacker`,
  forges: "the link in somebody's mail, which then leads to the attacker",
  source: "CWE-640, RFC 9110 §7.2",
  async play(service) {
    const { email } = await service.newPerson();
    const { status } = await service.forgotten(email, headers);
    // A request that is refused sends nothing.
    if (status >= 300) return "failed";
    const links = await service.linksTo(email, 1);
    return verdictOf(links.some((link) => link.includes(attackersHost)));
  },
}));

const guessed: readonly RecoveryFacts[] = [
  {
    id: "R2",
    name: "the right code after 20 wrong ones, one after the other",
    forges: somebodysAccount,
    source: "CWE-307, CWE-640",
    play: (service) => afterWrongCodes(service, false),
  },
  {
    id: "R2",
    name: "the right code after 40 wrong ones at once",
    forges: somebodysAccount,
    source: "CWE-307, CWE-362",
    play: (service) => afterWrongCodes(service, true),
  },
  {
    id: "R3",
    name: "a code of one's own with the address of somebody else",
    forges: somebodysAccount,
    source: "CWE-639, CWE-640",
    async play(service) {
      const [attacker, victim] = [await service.newPerson(), await service.newPerson()];
      const { code } = await service.mailFor(attacker.email);
      await service.mailFor(victim.email);
      if (code === undefined) return "unposable";
      const password = service.newPassword();
      await service.reset({ email: victim.email, code }, password);
      return verdictOf((await service.logIn({ email: victim.email, password })) !== undefined);
    },
  },
  {
    id: "R3",
    name: "a code as the token of a link",
    forges: "a link with the 40 bits of a code, which can be tried out",
    source: "CWE-640, CWE-331",
    async play(service) {
      const victim = await service.newPerson();
      const { code } = await service.mailFor(victim.email);
      if (code === undefined) return "unposable";
      return verdictOf(await service.reset({ token: code }, service.newPassword()));
    },
  },
  {
    id: "R4",
    name: "the answer for an address without an account",
    forges: "a list of who has an account",
    source: "CWE-204",
    async play(service) {
      const { email } = await service.newPerson();
      const [known, unknown] = [
        await service.forgotten(email),
        await service.forgotten(service.newAddress()),
      ];
      return verdictOf(known.status !== unknown.status || known.body !== unknown.body);
    },
  },
];

async function afterWrongCodes(service: RecoveryService, atOnce: boolean) {
  const { email } = await service.newPerson();
  const { code } = await service.mailFor(email);
  if (code === undefined) return "unposable" as const;
  const wrong = (index: number) =>
    service.reset({ email, code: otherCode(code, index) }, service.newPassword());
  if (atOnce) await Promise.all(Array.from({ length: 40 }, (_, index) => wrong(index)));
  else for (let index = 0; index < 20; index += 1) await wrong(index);
  return verdictOf(await service.reset({ email, code }, service.newPassword()));
}

/** Of the same form, and another: its first and its last character change. */
function otherCode(code: string, index: number): string {
  const letters = "234567";
  const [first, last] = [letters[index % 6], letters[Math.floor(index / 6) % 6]];
  const other = `${first}${code.slice(1, -1)}${last}`;
  return other === code ? `7${code.slice(1, -1)}8` : other;
}

const kept: readonly RecoveryFacts[] = [
  {
    id: "R5",
    name: "an address that the attacker signed up with before its owner",
    forges: "an account that its owner takes over, and its maker keeps: by password, or by session",
    source: "CWE-640, CWE-287 (pre-hijacked accounts)",
    async play(service) {
      const attacker = await service.newPerson();
      const session = await service.logIn(attacker);
      const { token } = await service.mailFor(attacker.email);
      if (!(await service.reset({ token }, service.newPassword()))) return "failed";
      if ((await service.logIn(attacker)) !== undefined) return "worked";
      return verdictOf(session !== undefined && (await service.isLoggedIn(session)));
    },
  },
  {
    id: "R6",
    name: "a link that was used already",
    forges: somebodysAccount,
    source: "CWE-640, CWE-613",
    async play(service) {
      const { token } = await used(service);
      return verdictOf(await service.reset({ token }, service.newPassword()));
    },
  },
  {
    id: "R6",
    name: "the code of a mail whose link was used already",
    forges: somebodysAccount,
    source: "CWE-640, CWE-613",
    async play(service) {
      const { email, code } = await used(service);
      if (code === undefined) return "unposable";
      return verdictOf(await service.reset({ email, code }, service.newPassword()));
    },
  },
  {
    id: "R6",
    name: "an older link, after a newer one was used",
    forges: somebodysAccount,
    source: "CWE-640, CWE-613",
    async play(service) {
      const { email } = await service.newPerson();
      const [older, newer] = [await service.mailFor(email), await service.mailFor(email)];
      await service.reset({ token: newer.token }, service.newPassword());
      return verdictOf(await service.reset({ token: older.token }, service.newPassword()));
    },
  },
  {
    id: "R6",
    name: "one link 16 times at once",
    forges: "two passwords for one link, of which its owner knows one",
    source: "CWE-362, CWE-367",
    async play(service) {
      const { email } = await service.newPerson();
      const { token } = await service.mailFor(email);
      const taken = await Promise.all(
        Array.from({ length: 16 }, () => service.reset({ token }, service.newPassword())),
      );
      return verdictOf(taken.filter(Boolean).length > 1);
    },
  },
];

async function used(service: RecoveryService): Promise<Mailed & { readonly email: string }> {
  const { email } = await service.newPerson();
  const mailed = await service.mailFor(email);
  await service.reset({ token: mailed.token }, service.newPassword());
  return { ...mailed, email };
}

const raced: readonly RecoveryFacts[] = [
  {
    id: "R7",
    name: "a change of the password that races the owner's reset",
    forges: "a session, or a password, that outlives the reset that should have ended it",
    source: "CWE-362, CWE-613",
    async play(service) {
      for (let round = 0; round < 5; round += 1) if (await raceOnce(service)) return "worked";
      return "failed";
    },
  },
];

/** Whether the attacker is still in, though the owner was told that the new password is set. */
async function raceOnce(service: RecoveryService): Promise<boolean> {
  const victim = await service.newPerson();
  const { token } = await service.mailFor(victim.email);
  const session = await service.logIn(victim);
  if (session === undefined) return false;
  const [owners, attackers] = [service.newPassword(), service.newPassword()];
  const [isReset, successor] = await Promise.all([
    service.reset({ token }, owners),
    service.changePassword(session, victim.password, attackers),
  ]);
  if (!isReset) return false;
  if ((await service.logIn({ email: victim.email, password: attackers })) !== undefined) return true;
  for (const held of [session, successor])
    if (held !== undefined && (await service.isLoggedIn(held))) return true;
  return false;
}

const scanned: readonly RecoveryFacts[] = [
  {
    id: "R8",
    name: "a link after a program that opens every link has opened it",
    forges: "nothing: a link that is used up by that locks honest people out",
    source: "RFC 9110 §9.2.1 (GET is safe)",
    async play(service) {
      const { email } = await service.newPerson();
      const { link, token } = await service.mailFor(email);
      await service.scan(link);
      const password = service.newPassword();
      if (!(await service.reset({ token }, password))) return "failed";
      return verdictOf((await service.logIn({ email, password })) !== undefined);
    },
  },
];

const honest: readonly RecoveryFacts[] = [
  {
    id: "R0",
    name: "the link of a mail",
    forges: "nothing: refusing it locks honest people out",
    source: "RFC 9110 §9.3.3",
    async play(service) {
      const { email } = await service.newPerson();
      const { token } = await service.mailFor(email);
      const password = service.newPassword();
      if (!(await service.reset({ token }, password))) return "failed";
      return verdictOf((await service.logIn({ email, password })) !== undefined);
    },
  },
  {
    id: "R0",
    name: "the link of a mail whose code was guessed to death",
    forges: "nothing: whoever guesses must not take the link from its owner",
    source: "CWE-645",
    async play(service) {
      const { email } = await service.newPerson();
      const { token, code } = await service.mailFor(email);
      if (code === undefined) return "unposable";
      for (let index = 0; index < 20; index += 1)
        await service.reset({ email, code: otherCode(code, index) }, service.newPassword());
      return verdictOf(await service.reset({ token }, service.newPassword()));
    },
  },
  {
    id: "R0",
    name: "an older link, after a newer one was asked for",
    forges: "nothing: whoever asks for mail must not take the earlier one from its owner",
    source: "CWE-645",
    async play(service) {
      const { email } = await service.newPerson();
      const { token } = await service.mailFor(email);
      await service.mailFor(email);
      return verdictOf(await service.reset({ token }, service.newPassword()));
    },
  },
];

export const recoveryAttacks: readonly RecoveryCase[] = [
  ...acceptedBy("recovery", [...honest, ...scanned]),
  ...refusedBy("recovery", [...poisoned, ...guessed, ...kept, ...raced]),
];
