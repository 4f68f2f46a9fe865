import { describe, expect, test } from "vitest";
import { createPasswordHashing } from "../../src/passwords/hashing.ts";

describe("password hashing", () => {
  test("PW-08: is Argon2id with 19 MiB, two passes and a fresh salt", async () => {
    const hashing = await createPasswordHashing();
    const [one, two] = await Promise.all([hashing.hash("a password"), hashing.hash("a password")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(hashing.isOutdated(one)).toBe(false);
    expect(hashing.isOutdated(one.replace("t=2", "t=1"))).toBe(true);
  });

  test("PW-02: lets every byte of a long password count", async () => {
    const hashing = await createPasswordHashing();
    const phc = await hashing.hash(`${"x".repeat(4095)}y`);
    expect(await hashing.verify(phc, `${"x".repeat(4095)}y`)).toBe(true);
    expect(await hashing.verify(phc, `${"x".repeat(4095)}z`)).toBe(false);
  });

  test("PW-13: does the same work where there is no hash, and says no", async () => {
    const hashing = await createPasswordHashing();
    const phc = await hashing.hash("a password");
    const elapsed = async (hash: string | undefined): Promise<number> => {
      const started = performance.now();
      expect(await hashing.verify(hash, "another password")).toBe(false);
      return performance.now() - started;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 15; round += 1) {
      known.push(await elapsed(phc));
      unknown.push(await elapsed(undefined));
    }
    const median = (times: number[]): number => times.toSorted((a, b) => a - b)[7] ?? 0;
    // An early return would be a hundred times faster; a noisy machine is not.
    expect(median(unknown)).toBeGreaterThan(median(known) / 3);
  });

  test.each([
    "$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
    "$argon2id$v=19$m=19456,t=99,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
    "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
    "plain text",
    "",
  ])("PW-11: refuses the stored string %s without doing what it asks", async (phc) => {
    const hashing = await createPasswordHashing();
    expect(await hashing.verify(phc, "plain text")).toBe(false);
  });

  test("PW-16: answers busy at once when the queue is full, and serves those who waited", async () => {
    const hashing = await createPasswordHashing({ concurrency: 1, queueLength: 2 });
    const settled = await Promise.allSettled(Array.from({ length: 5 }, () => hashing.hash("a password")));
    expect(settled.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect(settled[4]).toMatchObject({ reason: { code: "busy", retryAfterSeconds: 2 } });
    // The places are free again.
    expect(await hashing.hash("a password")).toMatch(/^\$argon2id/);
  });
});
