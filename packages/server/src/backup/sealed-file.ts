// A backup as bytes: a header, and chunks that are each encrypted and authenticated with their place and with whether they
// are the last. So no chunk can be changed, moved, left out or taken from another backup, and none be missing at the end.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { type RandomBytes, systemRandomBytes } from "../randomness.ts";

const magic = Buffer.from("countersign backup 1\n");
const saltLength = 32;
const checkLength = 16;
const tagLength = 16;
const chunkLength = 64 * 1024;
const sealedLength = chunkLength + tagLength;
const headLength = magic.length + saltLength + checkLength;

/**
 * Why a backup cannot be used.
 *
 * - `not_a_backup`: it does not begin like one
 * - `other_key`: it was made under another master key
 * - `damaged`: a chunk is not as it was written, or the last one is missing
 */
export type BackupProblem = "not_a_backup" | "other_key" | "damaged";

export class BackupError extends Error {
  override readonly name = "BackupError";
  readonly problem: BackupProblem;

  constructor(problem: BackupProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/**
 * `key` is derived from the master key for backups alone; each backup has a key of its own, derived
 * from that and a salt, so that counted nonces never repeat under one key (NIST SP 800-38D §8.2.1).
 */
export async function* sealBackup(
  plaintext: AsyncIterable<Buffer>,
  key: KeyObject,
  randomBytes: RandomBytes = systemRandomBytes,
): AsyncGenerator<Buffer, void> {
  const salt = Buffer.from(randomBytes(saltLength));
  const own = ownKeys(key, salt);
  const head = Buffer.concat([magic, salt, own.check]);
  yield head;
  let rest: Buffer = Buffer.alloc(0);
  let index = 0;
  for await (const part of plaintext) {
    rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
    // What may be the last chunk waits until it is known whether it is.
    for (; rest.length > chunkLength; index += 1) {
      yield sealChunk(own.key, head, index, false, rest.subarray(0, chunkLength));
      rest = rest.subarray(chunkLength);
    }
  }
  yield sealChunk(own.key, head, index, true, rest);
}

/** @throws BackupError; what was yielded before is authentic, but not whole */
export async function* openBackup(
  sealed: AsyncIterable<Buffer>,
  key: KeyObject,
): AsyncGenerator<Buffer, void> {
  let rest: Buffer = Buffer.alloc(0);
  let head: Buffer | undefined;
  let own: ReturnType<typeof ownKeys> | undefined;
  let index = 0;
  for await (const part of sealed) {
    rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
    if (head === undefined) {
      if (!magic.subarray(0, rest.length).equals(rest.subarray(0, magic.length))) throw notABackup();
      if (rest.length < headLength) continue;
      head = rest.subarray(0, headLength);
      own = ownKeys(key, head.subarray(magic.length, magic.length + saltLength));
      if (!timingSafeEqual(own.check, head.subarray(-checkLength)))
        throw new BackupError(
          "other_key",
          "this backup was made under another master key, or its beginning is damaged",
        );
      rest = rest.subarray(headLength);
    }
    if (own === undefined) continue;
    for (; rest.length > sealedLength; index += 1) {
      yield openChunk(own.key, head, index, false, rest.subarray(0, sealedLength));
      rest = rest.subarray(sealedLength);
    }
  }
  if (head === undefined || own === undefined) throw notABackup();
  yield openChunk(own.key, head, index, true, rest);
}

function ownKeys(key: KeyObject, salt: Buffer): { key: Buffer; check: Buffer } {
  const own = Buffer.from(hkdfSync("sha256", key, salt, "countersign/backup-file/v1", 32));
  const check = createHmac("sha256", own).update("countersign backup key check").digest();
  return { key: own, check: check.subarray(0, checkLength) };
}

/** The chunk's number, and in the last byte whether it is the last. */
function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(index), 3);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

function sealChunk(key: Buffer, head: Buffer, index: number, isLast: boolean, text: Buffer): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonceOf(index, isLast), { authTagLength: tagLength });
  cipher.setAAD(head);
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function openChunk(key: Buffer, head: Buffer, index: number, isLast: boolean, sealed: Buffer): Buffer {
  if (sealed.length < tagLength) throw damaged(index);
  const tagStart = sealed.length - tagLength;
  const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(index, isLast), { authTagLength: tagLength });
  decipher.setAAD(head);
  decipher.setAuthTag(sealed.subarray(tagStart));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, tagStart)), decipher.final()]);
  } catch {
    throw damaged(index);
  }
}

function notABackup(): BackupError {
  return new BackupError("not_a_backup", "this is no backup of Countersign, or nothing of it is there");
}

function damaged(index: number): BackupError {
  return new BackupError(
    "damaged",
    `this backup is damaged or cut off, at about byte ${headLength + index * sealedLength}`,
  );
}
