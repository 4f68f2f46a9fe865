import { createSecretKey, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openBackup, sealBackup } from "../../src/backup/sealed-file.ts";

const newKey = () => createSecretKey(randomBytes(32));
const chunk = 64 * 1024;

async function* inParts(bytes: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function joined(parts: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}

const seal = (plaintext: Buffer, key: ReturnType<typeof newKey>) =>
  joined(sealBackup(inParts(plaintext, 10_000), key));

const open = (sealed: Buffer, key: ReturnType<typeof newKey>, size = 7777) =>
  joined(openBackup(inParts(sealed, size), key));

describe("a backup as bytes", () => {
  test.each([0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 5])(
    "comes back as it was, with %i bytes",
    async (length) => {
      const key = newKey();
      const plaintext = randomBytes(length);
      const sealed = await seal(plaintext, key);
      for (const size of [1013, chunk, sealed.length])
        expect((await open(sealed, key, size)).equals(plaintext)).toBe(true);
      if (length > 100) expect(sealed.includes(plaintext.subarray(0, 32))).toBe(false);
    },
  );

  test("never looks alike twice", async () => {
    const key = newKey();
    const plaintext = randomBytes(100);
    expect((await seal(plaintext, key)).equals(await seal(plaintext, key))).toBe(false);
  });

  test("is refused under another master key, and where it is none", async () => {
    const sealed = await seal(randomBytes(100), newKey());
    await expect(open(sealed, newKey())).rejects.toMatchObject({ problem: "other_key" });
    for (const other of [Buffer.alloc(0), Buffer.from("SQLite format 3\0"), sealed.subarray(0, 30)])
      await expect(open(other, newKey())).rejects.toMatchObject({ problem: "not_a_backup" });
  });

  test("is refused wherever one bit differs", async () => {
    const key = newKey();
    const sealed = await seal(randomBytes(300), key);
    for (let at = 0; at < sealed.length; at += 1) {
      const damaged = Buffer.from(sealed);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      await expect(open(damaged, key), `byte ${at}`).rejects.toMatchObject({ name: "BackupError" });
    }
  });

  test("is refused cut off at a chunk, with chunks swapped or left out, with more behind it, and mixed from two", async () => {
    const key = newKey();
    const plaintext = randomBytes(3 * chunk + 5);
    const [sealed, other] = [await seal(plaintext, key), await seal(plaintext, key)];
    const sealedChunk = chunk + 16;
    const head = sealed.length - (3 * sealedChunk + 5 + 16);
    const part = (of: Buffer, index: number) =>
      of.subarray(head + index * sealedChunk, head + (index + 1) * sealedChunk);
    const start = sealed.subarray(0, head);
    const whole = [start, ...[0, 1, 2, 3].map((index) => part(sealed, index))];
    expect(Buffer.concat(whole).equals(sealed)).toBe(true);
    const forged = {
      "cut off": [start, part(sealed, 0), part(sealed, 1)],
      swapped: [start, part(sealed, 1), part(sealed, 0), part(sealed, 2), part(sealed, 3)],
      "left out": [start, part(sealed, 0), part(sealed, 2), part(sealed, 3)],
      "the last alone": [start, part(sealed, 3)],
      "more behind it": [sealed, Buffer.of(0)],
      "a chunk of another": [start, part(other, 0), part(sealed, 1), part(sealed, 2), part(sealed, 3)],
      "the head of another": [other.subarray(0, head), sealed.subarray(head)],
    };
    for (const [what, parts] of Object.entries(forged))
      await expect(open(Buffer.concat(parts), key), what).rejects.toMatchObject({ problem: "damaged" });
  });
});
