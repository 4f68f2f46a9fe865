// The master key: the one secret that every other key of an installation is sealed under or derived
// from.
import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { isGuessableSecret } from "@countersign/token";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";
import { holdsExampleWord } from "../settings/secrets.ts";
import { KeyError } from "./error.ts";
import { readMasterKeyFile, writeMasterKeyFile } from "./master-key-file.ts";
import { createSealer, type SealContext } from "./sealing.ts";

export const masterKeyLength = 32;

/** What keys are derived for. A key serves one purpose only; a new purpose is a new line here. */
export const keyPurposes = [
  "instance-canary",
  "seal-signing-key",
  "refresh-token",
  "audit-seal",
  "throttling",
  "device-token",
  "seal-outbox",
  "mail-requests",
  "one-time-codes",
  "totp-secret",
  "recovery-code",
  "login-challenge",
  "passkey-challenge",
  "backup",
] as const;

export type KeyPurpose = (typeof keyPurposes)[number];

export interface MasterKey {
  /**
   * 32 bytes, HKDF-SHA256 (RFC 5869) with the label `countersign/<purpose>/v1`. The same at every
   * call.
   */
  derive(purpose: KeyPurpose): KeyObject;
}

/** Where an installation keeps the sealed canary by which it knows its master key again. */
export interface CanaryStore {
  readCanary(): Promise<Uint8Array | undefined>;
  /**
   * Keeps the canary if there is none yet, and answers the one that stands: of many at once, one
   * wins.
   */
  placeCanary(sealed: Uint8Array): Promise<Uint8Array>;
}

export interface MasterKeyOptions {
  /**
   * The key itself, base64url of 32 random bytes. Without it, the file `master.key` in `dataDir`.
   */
  readonly value?: string | undefined;
  readonly dataDir: string;
  readonly store: CanaryStore;
  readonly randomBytes?: RandomBytes | undefined;
}

/**
 * Opens the master key, or makes one (a file with mode 0600 that is on the disk before it is used)
 * where there is neither a key nor data. Safe for any number of processes that start at once on one
 * folder or one database.
 *
 * Where there is data, a key that is missing or that is not the one the data was sealed under is a
 * refusal, never a new key: a new one would end every session and leave the sealed signing keys
 * unreadable.
 *
 * @throws KeyError `master_key_*`
 */
export async function openMasterKey(options: MasterKeyOptions): Promise<MasterKey> {
  const { value, dataDir, store, randomBytes = systemRandomBytes } = options;
  const knownCanary = await store.readCanary();
  const bytes =
    value === undefined
      ? await fileKey(dataDir, knownCanary === undefined, randomBytes)
      : parseMasterKey(value, givenKey);
  const masterKey = createMasterKey(bytes);
  bytes.fill(0);

  const sealer = createSealer(masterKey.derive("instance-canary"), randomBytes);
  const canary = knownCanary ?? (await store.placeCanary(sealer.seal(canaryText, canaryContext)));
  try {
    sealer.open(canary, canaryContext);
  } catch (cause) {
    const source = value === undefined ? `the file master.key in ${dataDir}` : givenKey;
    throw new KeyError(
      "master_key_wrong",
      `This database was sealed under another master key than the one in ${source}. Bring the key back that belongs ` +
        "to it: the file master.key of the data folder, or COUNTERSIGN_MASTER_KEY, of its earlier starts and of its other instances. " +
        "Nothing was changed.",
      { cause },
    );
  }
  return masterKey;
}

/**
 * The master key alone, for what was sealed under it elsewhere. Makes none.
 *
 * @throws KeyError `master_key_*`
 */
export async function readMasterKey({
  value,
  dataDir,
}: Pick<MasterKeyOptions, "value" | "dataDir">): Promise<MasterKey> {
  const bytes =
    value === undefined
      ? await fileKey(dataDir, false, systemRandomBytes)
      : parseMasterKey(value, "COUNTERSIGN_MASTER_KEY");
  const masterKey = createMasterKey(bytes);
  bytes.fill(0);
  return masterKey;
}

/** The key of each purpose, derived at once; the caller wipes `bytes` afterwards. */
export function createMasterKey(bytes: Uint8Array): MasterKey {
  if (bytes.length !== masterKeyLength) throw new TypeError("A master key has 32 bytes");
  const derived = new Map(
    keyPurposes.map((purpose) => {
      const label = `countersign/${purpose}/v1`;
      const key = hkdfSync("sha256", bytes, new Uint8Array(0), label, masterKeyLength);
      return [purpose, createSecretKey(new Uint8Array(key))] as const;
    }),
  );
  return {
    derive(purpose) {
      const key = derived.get(purpose);
      if (key === undefined) throw new TypeError(`No key is derived for the purpose ${purpose}`);
      return key;
    },
  };
}

/**
 * Reads a master key from text: 43 characters of base64url, 32 bytes that look random.
 *
 * The rules refuse what people type or copy from a page (KM-08); of 10^6 keys from a random
 * generator they refuse none.
 *
 * @throws KeyError `master_key_malformed`, `master_key_weak`; `source` is where the text came from.
 */
export function parseMasterKey(text: string, source: string): Buffer {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length !== masterKeyLength || bytes.toString("base64url") !== text) {
    throw new KeyError(
      "master_key_malformed",
      `The master key in ${source} is not 32 bytes in base64url (43 characters, no padding). ${howToMake}`,
    );
  }
  if (!looksRandom(bytes, text)) {
    throw new KeyError(
      "master_key_weak",
      `The master key in ${source} is an example, a pattern or typed text, not 32 random bytes. ${howToMake}`,
    );
  }
  return bytes;
}

const howToMake =
  "A new installation makes one with: node -p 'crypto.randomBytes(32).toString(\"base64url\")'. " +
  "An installation with data needs the one that it was started with.";

/** A key that was given is the same option, however it came. */
const givenKey = "the option masterKey (COUNTERSIGN_MASTER_KEY or COUNTERSIGN_MASTER_KEY_FILE)";

const canaryText = Buffer.from("countersign");
const canaryContext: SealContext = { purpose: "instance-canary", kid: "instance" };

async function fileKey(dataDir: string, firstStart: boolean, randomBytes: RandomBytes): Promise<Buffer> {
  const file = firstStart
    ? await writeMasterKeyFile(dataDir, () => makeKeyText(randomBytes), randomBytes)
    : await readMasterKeyFile(dataDir);
  if (file === undefined) {
    throw new KeyError(
      "master_key_missing",
      `There is data, but no master key: neither COUNTERSIGN_MASTER_KEY nor the file master.key in ${dataDir}. ` +
        "Bring back the one that this installation was started with (its backup, or another instance). A new one would not open the data, so none was made.",
    );
  }
  return parseMasterKey(file.text, file.path);
}

function makeKeyText(randomBytes: RandomBytes): string {
  for (;;) {
    const bytes = Buffer.from(randomBytes(masterKeyLength));
    const text = bytes.toString("base64url");
    if (looksRandom(bytes, text)) return text;
  }
}

/** Each rule has a chance below 10^-7 to refuse 32 random bytes. */
function looksRandom(bytes: Uint8Array, text: string): boolean {
  // Repeated bytes and words. Of 32 random bytes about 30 differ.
  if (new Set(bytes).size < 16) return false;
  // Counted up or down, by any step: 00 01 02 …
  if (new Set(bytes.map((byte, index) => byte - (bytes[index - 1] ?? 0)).subarray(1)).size < 8) return false;
  // Typed text that was then encoded.
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return false;
  // Typed text that happens to be base64url.
  if (text === text.toLowerCase() || text === text.toUpperCase()) return false;
  return !holdsExampleWord(text) && !isGuessableSecret(text) && !isGuessableSecret(bytes);
}
