import { hashSync } from "@node-rs/argon2";
import { readFile } from "node:fs/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  createPasswordHashing,
  type PasswordHashing,
  type PasswordHashingOptions,
} from "../../src/passwords/hashing.ts";
import type { Turn } from "../../src/passwords/hashing-queue.ts";

/** Nobody in particular. */
const turn: Turn = { source: "", places: [], isKnown: false };

function newHashing(options?: PasswordHashingOptions): PasswordHashing {
  const hashing = createPasswordHashing(options);
  onTestFinished(() => hashing.close());
  return hashing;
}

describe("password hashing", () => {
  test("PW-08: is Argon2id with 19 MiB, two passes and a fresh salt", async () => {
    const hashing = newHashing();
    const [one, two] = await Promise.all([
      hashing.hash("a password", turn),
      hashing.hash("a password", turn),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(hashing.isOutdated(one)).toBe(false);
    expect(hashing.isOutdated(one.replace("t=2", "t=1"))).toBe(true);
  });

  test("PW-02: lets every byte of a long password count", async () => {
    const hashing = newHashing();
    const phc = await hashing.hash(`${"x".repeat(4095)}y`, turn);
    expect(await hashing.verify(phc, `${"x".repeat(4095)}y`, turn)).toBe(true);
    expect(await hashing.verify(phc, `${"x".repeat(4095)}z`, turn)).toBe(false);
  });

  test("PW-13: does the same work where there is no hash, and says no", async () => {
    const hashing = newHashing();
    const phc = await hashing.hash("a password", turn);
    const elapsed = async (hash: string | undefined): Promise<number> => {
      const started = performance.now();
      expect(await hashing.verify(hash, "another password", turn)).toBe(false);
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
    const hashing = newHashing();
    expect(await hashing.verify(phc, "plain text", turn)).toBe(false);
  });

  test("PW-11: does no work beyond 128 MiB or 250 ms here, even for the right password", async () => {
    const hashing = newHashing();
    const large = hashSync("a password", { memoryCost: 140_000, timeCost: 1, parallelism: 1 });
    expect(await hashing.verify(large, "a password", turn)).toBe(false);
    // A hundred times today's work: no machine does that in 250 ms that needs more than 2.5 for ours.
    const slow = hashSync("a password", { memoryCost: 65_536, timeCost: 60, parallelism: 1 });
    expect(await hashing.verify(slow, "a password", turn)).toBe(false);
  });

  test("PW-11: judges a hash by what this machine needs for it, and computes none that it refuses", async () => {
    const hashing = newHashing();
    const hash = (text: string) => hashing.judge(text, turn).then(({ outcome }) => outcome);
    const [salt, digest] = ["A".repeat(22), "A".repeat(43)];
    expect(await hash(`$2b$06$${"a".repeat(53)}`)).toBe("good");
    expect(await hash(`$scrypt$ln=14,r=8,p=1$${salt}$${digest}`)).toBe("good");
    expect(await hash(`$pbkdf2-sha256$i=10000$${salt}$${digest}`)).toBe("good");
    const startedMs = performance.now();
    for (const dear of [
      // Hours, gigabytes, a minute, and one page more than 128 MiB.
      `$2b$31$${"a".repeat(53)}`,
      `$scrypt$ln=24,r=8,p=1$${salt}$${digest}`,
      `$pbkdf2-sha256$i=99999999$${salt}$${digest}`,
      `$argon2id$v=19$m=131073,t=1,p=1$${salt}$${digest}`,
      `$argon2id$v=19$m=19456,t=9999,p=1$${salt}$${digest}`,
    ]) {
      expect(await hash(dear)).toBe("too_dear");
      expect(await hashing.verify(dear, "a password", turn)).toBe(false);
    }
    expect(performance.now() - startedMs).toBeLessThan(30_000);
    expect(await hash("a password")).toBe("unknown_form");
  });

  test("PW-11: what the store says of a scheme lets nothing in that is too dear", async () => {
    const hashing = newHashing();
    const text = `$scrypt$ln=18,r=8,p=1$${"A".repeat(22)}$${"A".repeat(43)}`;
    hashing.expect([{ name: "scrypt N=262144,r=8,p=1", family: "scrypt", memoryKibibytes: 1, work: 1 }]);
    expect(await hashing.judge(text, turn)).toMatchObject({ outcome: "too_dear" });
    expect(await hashing.verify(text, "a password", turn)).toBe(false);
  });

  test("PW-13: says no as late as for the dearest that an import brought, before it has met any", async () => {
    const dear = hashSync("a password", { memoryCost: 76_000, timeCost: 3, parallelism: 1 });
    const judging = newHashing({ concurrency: 1 });
    const judged = await judging.judge(dear, turn);
    if (judged.outcome !== "good") return;
    const hashing = newHashing({ concurrency: 1 });
    const elapsed = async (stored: string | undefined): Promise<number> => {
      const started = performance.now();
      expect(await hashing.verify(stored, "another password", turn)).toBe(false);
      return performance.now() - started;
    };
    const median = async (stored: string | undefined): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 9; round += 1) times.push(await elapsed(stored));
      return times.toSorted((a, b) => a - b)[4] ?? 0;
    };
    const before = await median(undefined);
    hashing.expect([judged.scheme]);
    const after = await median(undefined);
    // Six times the work of ours.
    expect(after).toBeGreaterThan(2 * before);
    expect(after).toBeGreaterThan((await median(dear)) / 3);
  });

  test("takes an older or imported hash that this machine can afford", async () => {
    const hashing = newHashing();
    for (const [memoryCost, timeCost] of [
      [8192, 1],
      [4096, 3],
    ] as const) {
      const older = hashSync("a password", { memoryCost, timeCost, parallelism: 1 });
      expect(await hashing.verify(older, "a password", turn)).toBe(true);
      expect(await hashing.verify(older, "another", turn)).toBe(false);
    }
  });

  test("says no as late for a cheaper hash, and for no hash, as for the dearest that it has met", async () => {
    const hashing = newHashing({ concurrency: 1 });
    const cheap = hashSync("a password", { memoryCost: 1024, timeCost: 1, parallelism: 1 });
    const dear = hashSync("a password", { memoryCost: 38_912, timeCost: 2, parallelism: 1 });
    const elapsed = async (phc: string | undefined): Promise<number> => {
      const started = performance.now();
      expect(await hashing.verify(phc, "another password", turn)).toBe(false);
      return performance.now() - started;
    };
    for (const phc of [undefined, cheap, dear]) await elapsed(phc);
    const times = { unknown: [] as number[], cheap: [] as number[], dear: [] as number[] };
    for (let round = 0; round < 15; round += 1) {
      times.unknown.push(await elapsed(undefined));
      times.cheap.push(await elapsed(cheap));
      times.dear.push(await elapsed(dear));
    }
    const median = (values: number[]): number => values.toSorted((a, b) => a - b)[7] ?? 0;
    // Left as they are, one is half, and one a seventy-sixth of the dearest; a noisy machine does not do that.
    expect(median(times.cheap)).toBeGreaterThan(median(times.dear) / 3);
    expect(median(times.unknown)).toBeGreaterThan(median(times.dear) / 3);
  });

  test("PW-16: answers busy at once when all places are taken, and serves those who waited", async () => {
    const hashing = newHashing({ concurrency: 1, waitingPlaces: 4, patienceMs: 600_000 });
    const settled = await Promise.allSettled(
      Array.from({ length: 6 }, () => hashing.hash("a password", turn)),
    );
    expect(settled.map(({ status }) => status)).toEqual([
      ...Array<string>(4).fill("fulfilled"),
      "rejected",
      "rejected",
    ]);
    expect(settled[5]).toMatchObject({ reason: { code: "busy", retryAfterSeconds: 2 } });
    // The places are free again.
    expect(await hashing.hash("a password", turn)).toMatch(/^\$argon2id/);
  });

  test("leaves the threads that read files free, with many more hashes than these", async () => {
    const hashing = newHashing({ concurrency: 16, patienceMs: 600_000 });
    const over = new AbortController();
    const hashes = Promise.all(Array.from({ length: 64 }, () => hashing.hash("a password", turn)));
    const ended = hashes.then(() => over.abort());
    let reads = 0;
    for (; !over.signal.aborted; reads += 1) await readFile(import.meta.filename);
    await ended;
    // Behind hashes in the same threads there is one read to four hashes at the very best.
    expect(reads).toBeGreaterThan(64);
  });
});
