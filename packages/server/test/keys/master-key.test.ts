import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readMasterKeyFile } from "../../src/keys/master-key-file.ts";
import {
  type CanaryStore,
  createMasterKey,
  keyPurposes,
  type MasterKey,
  openMasterKey,
  parseMasterKey,
} from "../../src/keys/master-key.ts";

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "countersign-keys-"));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

/** An instance row in memory: the first canary that is placed stands. */
function newInstance(): CanaryStore & { canary: Uint8Array | undefined } {
  return {
    canary: undefined,
    readCanary() {
      return Promise.resolve(this.canary);
    },
    placeCanary(sealed) {
      this.canary ??= sealed;
      return Promise.resolve(this.canary);
    },
  };
}

const refusal = (code: string): unknown => expect.objectContaining({ name: "KeyError", code });
const fingerprint = (masterKey: MasterKey): string =>
  keyPurposes.map((purpose) => masterKey.derive(purpose).export().toString("hex")).join();
const newKeyText = (): string => randomBytes(32).toString("base64url");
const asRoot = process.getuid?.() === 0;

describe("the master key", () => {
  test("KM-04: the first start makes a file of mode 0600 in a folder of mode 0700, the second start reads it", async () => {
    const folder = join(dataDir, "new", "data");
    const store = newInstance();
    const first = await openMasterKey({ dataDir: folder, store });
    const path = join(folder, "master.key");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readFile(path, "latin1")).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
    expect(await readdir(folder)).toEqual(["master.key"]);
    const second = await openMasterKey({ dataDir: folder, store });
    expect(fingerprint(second)).toBe(fingerprint(first));
  });

  test("KM-03: the wrong key is refused, and neither a new key nor a new canary is made", async () => {
    const store = newInstance();
    await openMasterKey({ value: newKeyText(), dataDir, store });
    const before = store.canary;
    await expect(openMasterKey({ value: newKeyText(), dataDir, store })).rejects.toThrow(
      refusal("master_key_wrong"),
    );
    await writeFile(join(dataDir, "master.key"), newKeyText(), { mode: 0o600 });
    await expect(openMasterKey({ dataDir, store })).rejects.toThrow(/sealed under another master key/);
    expect(store.canary).toBe(before);
  });

  test("KM-03: a missing key where data exists is refused, and none is made", async () => {
    const store = newInstance();
    await openMasterKey({ dataDir, store });
    await rm(join(dataDir, "master.key"));
    await expect(openMasterKey({ dataDir, store })).rejects.toThrow(refusal("master_key_missing"));
    expect(await readdir(dataDir)).toEqual([]);
    await expect(openMasterKey({ dataDir: join(dataDir, "gone"), store })).rejects.toThrow(
      refusal("master_key_missing"),
    );
  });

  test("KM-03: with the key as a value no file is read or made", async () => {
    await writeFile(join(dataDir, "master.key"), "open to all", { mode: 0o644 });
    const value = newKeyText();
    const store = newInstance();
    const first = await openMasterKey({ value, dataDir, store });
    expect(fingerprint(await openMasterKey({ value, dataDir: "/nonexistent", store }))).toBe(
      fingerprint(first),
    );
  });

  test("KM-04: a file that others can read, or a folder that others can write, is refused with what to do", async () => {
    const store = newInstance();
    await openMasterKey({ dataDir, store });
    const path = join(dataDir, "master.key");
    for (const mode of [0o640, 0o604, 0o660, 0o610, 0o602]) {
      await chmod(path, mode);
      await expect(openMasterKey({ dataDir, store })).rejects.toThrow(`chmod 600 ${path}`);
    }
    for (const mode of [0o600, 0o400]) {
      await chmod(path, mode);
      await openMasterKey({ dataDir, store });
    }
    for (const mode of [0o770, 0o707, 0o777]) {
      await chmod(dataDir, mode);
      await expect(openMasterKey({ dataDir, store })).rejects.toThrow(`chmod 700 ${dataDir}`);
    }
    await chmod(dataDir, 0o700);
  });

  test.runIf(asRoot)("KM-04: a file of another user is refused", async () => {
    const { chown } = await import("node:fs/promises");
    const path = join(dataDir, "master.key");
    await writeFile(path, newKeyText(), { mode: 0o600 });
    await chown(path, 12345, 12345);
    await expect(openMasterKey({ dataDir, store: newInstance() })).rejects.toThrow(
      /belongs to another user \(uid 12345/,
    );
  });

  test("KM-04: a link is judged by the file it leads to", async () => {
    const elsewhere = join(dataDir, "elsewhere");
    await writeFile(elsewhere, newKeyText(), { mode: 0o644 });
    await symlink(elsewhere, join(dataDir, "master.key"));
    await expect(readMasterKeyFile(dataDir)).rejects.toThrow(refusal("master_key_exposed"));
    await chmod(elsewhere, 0o600);
    await expect(readMasterKeyFile(dataDir)).resolves.toBeDefined();
  });

  test("KM-08: malformed, example and typed keys are refused, as a value and in the file", async () => {
    const cases: [string, string][] = [
      ["", "master_key_malformed"],
      ["changeme", "master_key_malformed"],
      [randomBytes(31).toString("base64url"), "master_key_malformed"],
      [randomBytes(33).toString("base64url"), "master_key_malformed"],
      [randomBytes(32).toString("hex"), "master_key_malformed"],
      [`${newKeyText()}=`, "master_key_malformed"],
      [` ${newKeyText()}`, "master_key_malformed"],
      [`${newKeyText().slice(0, 42)}_`, "master_key_malformed"],
      [Buffer.alloc(32).toString("base64url"), "master_key_weak"],
      [Buffer.alloc(32, 0xff).toString("base64url"), "master_key_weak"],
      [Buffer.from("changeme".repeat(4)).toString("base64url"), "master_key_weak"],
      [Buffer.from("a phrase of exactly 32 letters!!").toString("base64url"), "master_key_weak"],
      [Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString("base64url"), "master_key_weak"],
      [
        Buffer.from(Array.from({ length: 32 }, (_, i) => 255 - 3 * i)).toString("base64url"),
        "master_key_weak",
      ],
      ["changemechangemechangemechangemechangemechA", "master_key_weak"],
      ["the-quick-brown-fox-jumps-over-the-lazy-dog", "master_key_weak"],
      ["Correct-Horse-Battery-Staple-Mountain-Brook", "master_key_weak"],
      ["My-Very-Secret-And-Really-Long-Master-Key-0", "master_key_weak"],
    ];
    for (const [value, code] of cases) {
      await expect(openMasterKey({ value, dataDir, store: newInstance() })).rejects.toThrow(refusal(code));
      await writeFile(join(dataDir, "master.key"), `${value}\n`, { mode: 0o600 });
      await expect(openMasterKey({ dataDir, store: newInstance() })).rejects.toThrow(refusal(code));
    }
    await writeFile(join(dataDir, "master.key"), "A".repeat(5000), { mode: 0o600 });
    await expect(openMasterKey({ dataDir, store: newInstance() })).rejects.toThrow(
      refusal("master_key_malformed"),
    );
  });

  test("KM-08: keys from a random generator are accepted", () => {
    const keys = process.env["TEST_FULL"] === "1" ? 20_000 : 2000;
    for (let i = 0; i < keys; i++) {
      const text = newKeyText();
      // One text in ten million spells a refused word.
      if (/changeme|password|example|secret/i.test(text)) continue;
      expect(parseMasterKey(text, "a test")).toHaveLength(32);
    }
  });

  test("KM-05: every purpose has a key of its own, none of them the master key", () => {
    const bytes = randomBytes(32);
    const masterKey = createMasterKey(bytes);
    const keys = keyPurposes.map((purpose) => masterKey.derive(purpose).export().toString("hex"));
    expect(new Set([...keys, bytes.toString("hex")]).size).toBe(keyPurposes.length + 1);
    expect(keys.every((key) => key.length === 64)).toBe(true);
    expect(() => masterKey.derive("another" as "refresh-token")).toThrow(TypeError);
    expect(() => createMasterKey(randomBytes(31))).toThrow(TypeError);
  });

  test("KM-05: the derived keys are HKDF-SHA256 with the written labels, today and after every upgrade", () => {
    const masterKey = createMasterKey(Buffer.from(Array.from({ length: 32 }, (_, i) => i)));
    const hex = (purpose: (typeof keyPurposes)[number]): string =>
      masterKey.derive(purpose).export().toString("hex").slice(0, 16);
    expect({
      canary: hex("instance-canary"),
      seal: hex("seal-signing-key"),
      refresh: hex("refresh-token"),
    }).toMatchInlineSnapshot(`
      {
        "canary": "b4953feedb78a459",
        "refresh": "0bb9735191c6a1de",
        "seal": "5ed0c5d981c56f34",
      }
    `);
  });

  test("KM-02: 16 processes that start at once on one folder all hold the same key", async () => {
    const script = join(import.meta.dirname, "master-key-racer.ts");
    const racers = Array.from({ length: 16 }, () =>
      spawn(process.execPath, ["--conditions=@countersign/source", script, dataDir], {
        stdio: ["pipe", "pipe", "inherit"],
      }),
    );
    const readers = racers.map((racer) => createInterface(racer.stdout)[Symbol.asyncIterator]());
    const nextLines = (): Promise<string[]> =>
      Promise.all(readers.map(async (reader) => String((await reader.next()).value)));
    expect(new Set(await nextLines())).toEqual(new Set(["ready"]));
    for (const racer of racers) racer.stdin.end("go\n");
    const keys = await nextLines();
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(keys).size).toBe(1);
    expect(await readdir(dataDir)).toEqual(["master.key"]);
  });

  test("KM-03: no message and no inspection of a master key shows a byte of it", async () => {
    const { inspect } = await import("node:util");
    const value = newKeyText();
    const masterKey = await openMasterKey({ value, dataDir, store: newInstance() });
    const shown = inspect(masterKey, { depth: 10, showHidden: true }) + JSON.stringify(masterKey);
    expect(shown).not.toContain(value);
    for (const purpose of keyPurposes) {
      expect(shown).not.toContain(masterKey.derive(purpose).export().toString("hex").slice(0, 8));
    }
    for (const bad of [
      `${value}x`,
      "changeme".repeat(5),
      Buffer.from("changeme".repeat(4)).toString("base64url"),
    ]) {
      const error = await openMasterKey({ value: bad, dataDir, store: newInstance() }).catch(
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(Error);
      expect(inspect(error)).not.toContain(bad);
    }
  });
});
