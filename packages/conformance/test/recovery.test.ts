// Is every case about recovery what it says? A service with the right flaw must let it in, and one without any none.
import { expect, test } from "vitest";
import { recoveryAttacks } from "../src/attacks/recovery.ts";
import { attackRecovery, type AttackReport } from "../src/index.ts";
import { type Carelessness, startCarelessService } from "./careless-service.ts";

async function attacked(flaw?: Carelessness): Promise<AttackReport> {
  const service = await startCarelessService(flaw);
  return attackRecovery({ ...service, requestsPerSecond: 1000, mailSeconds: 1 });
}

const namesOf = (results: AttackReport["results"]): readonly string[] => results.map(({ name }) => name);

/** The flaw, and the attacks that it lets in, or the honest people whom it turns away. */
const letIn: Readonly<Partial<Record<Carelessness, readonly RegExp[]>>> = {
  "trusts-hosts": [/Host of/, /Server of/, /Forwarded of/, /Origin of/, /Referer of/],
  "counts-no-tries": [/20 wrong ones/, /40 wrong ones/],
  "counts-late": [/40 wrong ones/],
  "takes-codes-of-others": [/somebody else/],
  "takes-codes-as-tokens": [/as the token/],
  "tells-who-has-an-account": [/without an account/],
  "keeps-sessions": [/signed up with before/],
  "keeps-old-passwords": [/signed up with before/],
  "uses-links-twice": [/link that was used/],
  "leaves-codes": [/whose link was used/],
  "leaves-older-links": [/older link, after a newer one was used/],
  "has-races": [/races the owner's reset/, /16 times at once/],
};

const turnedAway: Readonly<Partial<Record<Carelessness, readonly RegExp[]>>> = {
  "uses-links-up-by-opening": [/opens every link/],
  "kills-links-with-codes": [/guessed to death/],
  "kills-older-links": [/after a newer one was asked for/],
  "refuses-everybody": [/^the link of a mail$/],
};

test("a service without a flaw lets nothing in, and turns nobody away", async () => {
  const { results, letIn: worked, turnedAway: refused } = await attacked();
  expect({ worked: namesOf(worked), refused: namesOf(refused) }).toEqual({ worked: [], refused: [] });
  expect(results).toHaveLength(recoveryAttacks.length);
});

const seen = new Set<string>();

test.each(Object.entries(letIn))("a service that %s is caught", async (flaw, names) => {
  const report = await attacked(flaw as Carelessness);
  for (const name of namesOf(report.letIn)) seen.add(name);
  for (const name of names) expect(namesOf(report.letIn)).toContainEqual(expect.stringMatching(name));
});

test.each(Object.entries(turnedAway))("a service that %s turns people away", async (flaw, names) => {
  const report = await attacked(flaw as Carelessness);
  for (const name of namesOf(report.turnedAway)) seen.add(name);
  for (const name of names) expect(namesOf(report.turnedAway)).toContainEqual(expect.stringMatching(name));
});

test("every case is caught of some service, and says where it is forbidden", () => {
  expect(namesOf(recoveryAttacks as never).filter((name) => !seen.has(name))).toEqual([]);
  for (const { id, source, forges } of recoveryAttacks) {
    expect(id).toMatch(/^R\d$/);
    expect(source).toMatch(/\b(?:RFC|CWE)\b/);
    expect(forges).not.toBe("");
  }
});

test("a service that cannot be judged is no verdict", async () => {
  const { mailTo } = await startCarelessService();
  await expect(attackRecovery({ url: "http://127.0.0.1:1", mailTo })).rejects.toMatchObject({
    code: "unreachable",
  });
  const { url } = await startCarelessService();
  const deaf = { url, mailTo: async () => [], mailSeconds: 0.1, requestsPerSecond: 1000 };
  await expect(attackRecovery(deaf)).rejects.toThrow(/No mail/);
});
