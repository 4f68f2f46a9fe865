import {
  createSigner,
  createVerifier,
  exportPrivateJwk,
  generateKey,
  importJwkSet,
  type Key,
  type KeySet,
} from "@countersign/token";
import { createAccessVerifier } from "@countersign/verifier";
import { sql } from "kysely";
import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { inspect } from "node:util";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createMasterKey, keyPurposes, openMasterKey } from "../../src/keys/master-key.ts";
import {
  clockToleranceSeconds,
  jwksMaxAgeSeconds,
  keepSeconds,
  leastPublishSeconds,
  longestCopySeconds,
  longestViewSeconds,
  marginSeconds,
} from "../../src/keys/lifetimes.ts";
import { agreeOnTime } from "../../src/database/steady-clock.ts";
import { createSealedKeys } from "../../src/keys/sealed-keys.ts";
import { createSealer } from "../../src/keys/sealing.ts";
import { createSigningKeys, type SigningKeys, type SigningKeysOptions } from "../../src/keys/signing-keys.ts";
import type { NewKey } from "../../src/keys/stored-key.ts";
import type { Store } from "../database/store.ts";
import { backends } from "../database/backends.ts";

const startMs = 1_800_000_000_000;
const ttlSeconds = 600;
const token = { type: "at+jwt", issuer: "https://issuer.example", audience: "api" } as const;
const refusal = (code: string): unknown => expect.objectContaining({ name: "KeyError", code });

/** A clock that tests move: the database's, the instances' and the verifiers'. */
function newClock(): { nowMs: () => number; now: () => number; advance: (seconds: number) => void } {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    now: () => Math.floor(nowMs / 1000),
    advance: (seconds) => void (nowMs += seconds * 1000),
  };
}

describe.each(backends)("the signing keys of running instances on $name", ({ open, openInstances }) => {
  const masterKeyBytes = randomBytes(32);
  const masterKey = createMasterKey(masterKeyBytes);

  async function start(store: Store, options: Partial<SigningKeysOptions> = {}): Promise<SigningKeys> {
    const keys = await createSigningKeys({
      store: store.signingKeys,
      masterKey,
      accessTokenTtlSeconds: ttlSeconds,
      ...options,
    });
    onTestFinished(() => keys.close());
    return keys;
  }

  function signWith(key: Key, now: () => number, sub = "a-user"): string {
    return createSigner({ ...token, key, lifetimeSeconds: ttlSeconds, now })({ sub });
  }

  /** Sorted: keys that were made in the same millisecond have no order. */
  async function states(keys: SigningKeys): Promise<string[]> {
    return (await keys.list()).map(({ state, algorithm }) => `${state} ${algorithm}`).toSorted();
  }

  test("KM-02: 16 instances that start at once on an empty database make one key and sign with it", async () => {
    const stores = await openInstances(4);
    const sixteen = [...stores, ...stores, ...stores, ...stores];
    const instances = await Promise.all(sixteen.map((store) => start(store, { algorithm: "ES256" })));
    expect(instances).toHaveLength(16);
    expect(new Set(instances.map((keys) => keys.signingKey().kid)).size).toBe(1);
    const [first, second] = instances as [SigningKeys, SigningKeys];
    expect(await states(first)).toEqual(["active ES256"]);
    const now = (): number => startMs / 1000;
    const verify = createVerifier({ ...token, keys: second.keySet, now });
    expect(verify(signWith(first.signingKey(), now)).sub).toBe("a-user");
  });

  test("KM-01 KM-02 R-12: 20 rotations under load: three instances, five verifiers, no valid token refused", async () => {
    const stepSeconds = process.env["TEST_FULL"] === "1" ? 1 : 10;
    const clock = newClock();
    const [store, otherStore] = (await openInstances(2, { nowMs: clock.nowMs })) as [Store, Store];
    const options = { nowMs: clock.nowMs, algorithm: "ES256" } as const;
    const [first, second, third] = [
      await start(store, options),
      await start(otherStore, options),
      await start(store, options),
    ];
    const instances = [first, second, third];
    /** How old each instance's view may get: one polls as it should, two hang again and again. */
    const tickEverySeconds = [stepSeconds, 20, longestViewSeconds];
    /** Verifiers elsewhere fetch the JWKS when their copy is that old, and never because of an unknown kid. */
    const refetchEverySeconds = [60, jwksMaxAgeSeconds, longestCopySeconds];

    const remote = instances.map((keys, i) => {
      let copy: { set: KeySet; at: number } | undefined;
      return createVerifier({
        ...token,
        now: clock.now,
        keys: () => {
          if (copy === undefined || clock.now() - copy.at >= (refetchEverySeconds[i] ?? 0)) {
            copy = { set: importJwkSet(keys.jwks()), at: clock.now() };
          }
          return copy.set;
        },
      });
    });
    const local = [first, third].map(({ keySet: keys }) =>
      createVerifier({ ...token, now: clock.now, keys }),
    );
    const verifiers = [...local, ...remote];

    const alive: { text: string; diesAt: number }[] = [];
    const kids = new Set<string>();
    let verified = 0;
    const rotations = 20;
    for (let seconds = 0; kids.size <= rotations; seconds += stepSeconds) {
      clock.advance(stepSeconds);
      // SQLite answers at once; a process that never comes up for air would count as one that stood still.
      await setImmediate();
      for (const [i, keys] of instances.entries()) {
        if (seconds % (tickEverySeconds[i] ?? 1) === 0) await keys.tick();
        const key = keys.signingKey();
        kids.add(key.kid ?? "");
        alive.push({ text: signWith(key, clock.now), diesAt: clock.now() + ttlSeconds });
      }
      while ((alive[0]?.diesAt ?? Number.POSITIVE_INFINITY) <= clock.now()) alive.shift();
      // As soon as one rotation is over the next is asked for, now and then by two instances at once.
      const inUse = await first.list();
      if (!inUse.some(({ state }) => state === "pending")) {
        await Promise.all([first.rotate(), kids.size % 2 === 0 ? second.rotate() : undefined]);
      }
      const sample = [...alive.slice(0, 1), ...alive.slice(-3)];
      for (const verify of verifiers)
        for (const { text } of sample) verified += Number(verify(text).sub === "a-user");
      expect(inUse.filter(({ state }) => state === "active")).toHaveLength(1);
    }
    expect(kids.size).toBe(rotations + 1);
    expect(verified).toBeGreaterThan(10_000);
    // Keys that nothing needs any more are gone: at most the last two still verify, with the active and the pending one.
    expect(first.jwks().keys.length).toBeLessThanOrEqual(4);
    expect(
      (await first.list()).filter(({ state }) => state === "retired").every(({ sealed }) => !sealed),
    ).toBe(true);
  });

  test("KM-01: a copy of the JWKS made at the last moment, by the slowest instance, and kept the longest, has the key in time", async () => {
    const clock = newClock();
    const [store, slowStore] = (await openInstances(2, { nowMs: clock.nowMs })) as [Store, Store];
    const options = { nowMs: clock.nowMs, algorithm: "ES256" } as const;
    const [prompt, slow] = [await start(store, options), await start(slowStore, options)];
    await prompt.rotate();
    clock.advance(longestViewSeconds);
    const copy = { set: importJwkSet(slow.jwks()), madeAt: clock.now() };
    expect(slow.jwksMaxAgeSeconds()).toBe(jwksMaxAgeSeconds);
    expect(copy.set.keys).toHaveLength(1);
    // A second later the slow instance may neither sign nor say how long its keys are good.
    clock.advance(1);
    expect(slow.jwksMaxAgeSeconds()).toBe(0);
    await slow.tick();

    clock.advance(leastPublishSeconds - longestViewSeconds - 2);
    await prompt.tick();
    const old = prompt.signingKey();
    clock.advance(1);
    await prompt.tick();
    const first = prompt.signingKey();
    expect(first.kid).not.toBe(old.kid);
    const text = signWith(first, clock.now);
    const verifierKeeping = (seconds: number): KeySet =>
      clock.now() - copy.madeAt < seconds ? copy.set : importJwkSet(slow.jwks());
    const verifyKeeping = (seconds: number) =>
      createVerifier({ ...token, now: clock.now, keys: verifierKeeping(seconds) })(text).sub;
    expect(verifyKeeping(longestCopySeconds)).toBe("a-user");
    // Nor does it come too late within the margin; one second beyond it does.
    expect(verifyKeeping(longestCopySeconds + marginSeconds)).toBe("a-user");
    const refused = expect.objectContaining({ code: "unknown_key" });
    expect(() => verifyKeeping(longestCopySeconds + marginSeconds + 1)).toThrow(refused);
  });

  test("KM-01: a token signed at the last moment, by the slowest instance, verifies to its end by the slowest clock", async () => {
    const clock = newClock();
    const [store, slowStore] = (await openInstances(2, { nowMs: clock.nowMs })) as [Store, Store];
    const longestTtlSeconds = 900;
    const options = {
      nowMs: clock.nowMs,
      algorithm: "ES256",
      accessTokenTtlSeconds: longestTtlSeconds,
    } as const;
    const [prompt, slow] = [await start(store, options), await start(slowStore, options)];
    await prompt.rotate({ immediately: true });
    clock.advance(longestViewSeconds);
    const old = slow.signingKey();
    expect(old.kid).not.toBe(prompt.signingKey().kid);
    const sign = createSigner({ ...token, key: old, lifetimeSeconds: longestTtlSeconds, now: clock.now });
    const text = sign({ sub: "a-user" });
    const verify = createVerifier({
      ...token,
      keys: () => importJwkSet(prompt.jwks()),
      clockToleranceSeconds,
      now: clock.now,
    });

    clock.advance(longestTtlSeconds + clockToleranceSeconds - 1);
    await prompt.tick();
    expect(verify(text).sub).toBe("a-user");
    clock.advance(1);
    expect(() => verify(text)).toThrow(expect.objectContaining({ code: "expired" }));
    clock.advance(marginSeconds - 1);
    await prompt.tick();
    expect(prompt.jwks().keys.map(({ kid }) => kid)).toContain(old.kid);
    clock.advance(1);
    await prompt.tick();
    expect(prompt.jwks().keys.map(({ kid }) => kid)).not.toContain(old.kid);
  });

  test("KM-01: keys rotate by themselves: staged before the interval ends, promoted at it, retired after the last token", async () => {
    const clock = newClock();
    const store = await open({ nowMs: clock.nowMs });
    const keys = await start(store, {
      nowMs: clock.nowMs,
      algorithm: "Ed25519",
      rotationIntervalSeconds: 86_400,
      publishSeconds: 3600,
    });
    const seen: string[] = [];
    let last = "";
    for (let hour = 0; hour <= 50; hour += 0.5) {
      await keys.tick();
      const now = (await states(keys)).map((text) => text.split(" ")[0]).join();
      if (now !== last) seen.push(`${hour} h ${now}`);
      last = now;
      clock.advance(1800);
    }
    expect(seen).toEqual([
      "0 h active",
      "23 h active,pending",
      "24 h active,retiring",
      "24.5 h active,retired",
      "47 h active,pending,retired",
      "48 h active,retired,retiring",
      "48.5 h active,retired,retired",
    ]);
  });

  test.each(["while it runs", "before it starts"])(
    "KM-01: a clock that jumps a month ahead %s lets no key sign before verifiers have it, and forgets none that is needed",
    async (when) => {
      const [clock, steady] = [newClock(), newClock()];
      const store = await open({ nowMs: clock.nowMs, steadyMs: steady.nowMs });
      const agreedTime = await agreeOnTime(store.database, steady.nowMs);
      const options = { nowMs: steady.nowMs, agreedTime, algorithm: "ES256" } as const;
      const month = 31 * 86_400;
      const before = await start(store, options);
      await before.rotate({ immediately: true });
      await before.rotate();
      expect(await states(before)).toEqual(["active ES256", "pending ES256", "retiring ES256"]);
      clock.advance(month);
      const keys = when === "while it runs" ? before : await start(store, options);
      await keys.tick();
      expect(await states(keys)).toEqual(["active ES256", "pending ES256", "retiring ES256"]);
      expect(keys.signingKey().kid).toBe(before.signingKey().kid);

      // Where the clock stays there, the keys change once they were seen for as long as they must be.
      const advance = async (seconds: number): Promise<void> => {
        clock.advance(seconds);
        steady.advance(seconds);
        await keys.tick();
      };
      await advance(leastPublishSeconds - 1);
      expect(await states(keys)).toEqual(["active ES256", "pending ES256", "retiring ES256"]);
      await advance(1);
      expect(await states(keys)).toEqual(["active ES256", "retiring ES256", "retiring ES256"]);
      await advance(keepSeconds());
      await advance(keepSeconds());
      expect(await states(keys)).toEqual(["active ES256", "retired ES256", "retired ES256"]);
    },
  );

  test("KM-01: a clock that is set back a month ends neither signing nor verifying", async () => {
    const [clock, steady] = [newClock(), newClock()];
    const store = await open({ nowMs: clock.nowMs, steadyMs: steady.nowMs });
    const keys = await start(store, { nowMs: steady.nowMs, algorithm: "ES256" });
    const kid = keys.signingKey().kid;
    await keys.rotate();
    clock.advance(-31 * 86_400);
    for (let minute = 0; minute < 60; minute += 1) {
      clock.advance(60);
      steady.advance(60);
      await keys.tick();
      expect(keys.signingKey().kid).toBe(kid);
    }
    expect(keys.jwks().keys).toHaveLength(2);
    await keys.rotate({ immediately: true });
    expect(keys.signingKey().kid).not.toBe(kid);
  });

  test("KM-01: HS256 → ES256 → Ed25519 → HS256 while running: tokens of every algorithm verify until they die", async () => {
    const clock = newClock();
    const store = await open({ nowMs: clock.nowMs });
    const keys = await start(store, { nowMs: clock.nowMs });
    const verify = createVerifier({ ...token, keys: keys.keySet, now: clock.now });
    const alive: { text: string; diesAt: number }[] = [];
    const published: string[] = [];
    const order = ["ES256", "Ed25519", "HS256"] as const;
    for (const algorithm of order) {
      clock.advance(1);
      await keys.rotate({ algorithm });
      while (keys.signingKey().algorithm !== algorithm) {
        clock.advance(20);
        await keys.tick();
        alive.push({ text: signWith(keys.signingKey(), clock.now), diesAt: clock.now() + ttlSeconds });
        while ((alive[0]?.diesAt ?? 0) <= clock.now()) alive.shift();
        for (const { text } of alive) expect(verify(text).sub).toBe("a-user");
      }
      published.push(
        `${algorithm}: ${keys
          .jwks()
          .keys.map(({ alg }) => alg)
          .join()}`,
      );
    }
    expect(published).toEqual(["ES256: ES256", "Ed25519: ES256,Ed25519", "HS256: ES256,Ed25519"]);
  });

  test("KM-01: another algorithm in the options is a rotation that begins at the start, once", async () => {
    const clock = newClock();
    const store = await open({ nowMs: clock.nowMs });
    const before = await start(store, { nowMs: clock.nowMs, algorithm: "HS256" });
    const after = await Promise.all(
      [1, 2, 3].map(() => start(store, { nowMs: clock.nowMs, algorithm: "ES256" })),
    );
    expect(await states(before)).toEqual(["active HS256", "pending ES256"]);
    clock.advance(leastPublishSeconds);
    for (const keys of [...after, before]) await keys.tick();
    expect(await states(before)).toEqual(["active ES256", "retiring HS256"]);
    expect(before.signingKey().kid).toBe(after[0]?.signingKey().kid);
    // Without a wish the active key stays what it is.
    const without = await start(store, { nowMs: clock.nowMs });
    expect(without.signingKey().algorithm).toBe("ES256");
    expect(await states(without)).toEqual(["active ES256", "retiring HS256"]);
  });

  test("KM-01: rotating immediately signs with the new key at once, and older tokens still verify", async () => {
    const clock = newClock();
    const keys = await start(await open({ nowMs: clock.nowMs }), { nowMs: clock.nowMs, algorithm: "ES256" });
    const old = signWith(keys.signingKey(), clock.now);
    const next = await keys.rotate({ immediately: true });
    expect(keys.signingKey().kid).toBe(next.kid);
    expect(createVerifier({ ...token, keys: keys.keySet, now: clock.now })(old).sub).toBe("a-user");
  });

  test("KM-06: the JWKS has public members alone, and none at all for HS256", async () => {
    const clock = newClock();
    const keys = await start(await open({ nowMs: clock.nowMs }), { nowMs: clock.nowMs, algorithm: "HS256" });
    expect(keys.jwks()).toEqual({ keys: [] });
    await keys.rotate({ algorithm: "ES256", immediately: true });
    clock.advance(1);
    await keys.rotate({ algorithm: "Ed25519" });
    const text = expect.stringMatching(/^[\w-]{43}$/);
    expect(keys.jwks()).toEqual({
      keys: [
        { kty: "EC", crv: "P-256", kid: text, x: text, y: text, alg: "ES256", use: "sig" },
        { kty: "OKP", crv: "Ed25519", kid: text, x: text, alg: "Ed25519", use: "sig" },
      ],
    });
    expect(keys.jwks()).toBe(keys.jwks());
  });

  test("KM-07: a revoked key leaves the JWKS and refuses its tokens at once here, elsewhere with the next look", async () => {
    const clock = newClock();
    const store = await open({ nowMs: clock.nowMs });
    const options = { nowMs: clock.nowMs, algorithm: "ES256" } as const;
    const [here, there] = [await start(store, options), await start(store, options)];
    const stolen = here.signingKey();
    const forged = signWith(stolen, clock.now, "anybody");
    await here.revoke(stolen.kid ?? "");
    await here.revoke(stolen.kid ?? "");
    expect(here.jwks().keys.map(({ kid }) => kid)).toEqual([here.signingKey().kid]);
    expect(here.signingKey().kid).not.toBe(stolen.kid);
    const verifiers = [here, there].map(({ keySet }) =>
      createVerifier({ ...token, keys: keySet, now: clock.now }),
    );
    const refused = expect.objectContaining({ code: "unknown_key" });
    expect(() => verifiers[0]?.(forged)).toThrow(refused);
    await there.tick();
    expect(() => verifiers[1]?.(forged)).toThrow(refused);
    expect(there.signingKey().kid).toBe(here.signingKey().kid);
    expect((await store.revocations.snapshot()).keys).toEqual([stolen.kid]);
    await expect(here.revoke("none")).rejects.toThrow(refusal("key_unknown"));
    await expect(here.exportJwk(stolen.kid ?? "")).rejects.toThrow(refusal("key_unknown"));
  });

  test("KM-07: a token under a key that another instance made just now is looked for, by one read for many", async () => {
    const [store, otherStore] = (await openInstances(2)) as [Store, Store];
    const here = await start(store, { algorithm: "ES256" });
    const reads = vi.spyOn(otherStore.signingKeys, "inUse");
    const there = await start(otherStore, { algorithm: "ES256" });
    const verifier = createAccessVerifier({
      issuer: token.issuer,
      audience: token.audience,
      keys: there.keySet,
      refreshKeys: there.refresh,
      revocations: null,
    });
    const bearer = (key: Key): string => {
      const sign = createSigner({ ...token, key, lifetimeSeconds: ttlSeconds });
      return `Bearer ${sign({ sub: "a-user", jti: "1" })}`;
    };
    await here.revoke(here.signingKey().kid ?? "");
    const readsBefore = reads.mock.calls.length;
    const good = bearer(here.signingKey());
    const identities = await Promise.all(Array.from({ length: 20 }, async () => verifier.authenticate(good)));
    expect(identities.map(({ subject }) => subject)).toEqual(Array(20).fill("a-user"));

    // Anybody can send an unknown key: within a moment that costs no further read.
    const foreign = bearer(await generateKey("ES256"));
    const startedAt = performance.now();
    for (let i = 0; i < 100; i++) {
      await expect((async () => verifier.authenticate(foreign))()).rejects.toThrow(
        expect.objectContaining({ status: 401 }),
      );
    }
    const tenths = (performance.now() - startedAt) / 100;
    expect(reads.mock.calls.length - readsBefore).toBeLessThan(tenths + 5);
  });

  test("KM-01: refreshing never rejects, and is not repeated within a tenth of a second", async () => {
    const clock = newClock();
    const store = await open({ nowMs: clock.nowMs });
    const keys = await start(store, { nowMs: clock.nowMs });
    const reads = vi.spyOn(store.signingKeys, "inUse").mockRejectedValue(new RangeError("gone"));
    await keys.refresh();
    expect(keys.refresh()).toBeUndefined();
    expect(reads).toHaveBeenCalledTimes(1);
    clock.advance(0.1);
    await keys.refresh();
    expect(reads).toHaveBeenCalledTimes(2);
  });

  test("KM-03: sealed keys that were swapped between rows, changed or sealed elsewhere are refused", async () => {
    const store = await open();
    const keys = await start(store, { algorithm: "ES256" });
    await keys.rotate();
    const rows = (await store.signingKeys.inUse()).keys;
    const write = async (kid: string, sealed: Uint8Array | undefined): Promise<void> => {
      await store.database.db
        .updateTable("signing_keys")
        .set({ sealed: sealed ?? null })
        .where("kid", "=", kid)
        .execute();
    };
    const [first, second] = rows;
    await write(first?.kid ?? "", second?.sealed);
    await write(second?.kid ?? "", first?.sealed);
    await expect(start(store)).rejects.toThrow(refusal("sealed_unreadable"));
    for (const row of rows) await write(row.kid, row.sealed);
    await start(store);

    // A row that says another algorithm than its key.
    const rename = (algorithm: string): Promise<unknown> =>
      sql`update signing_keys set algorithm = ${algorithm} where kid = ${first?.kid}`.execute(
        store.database.db,
      );
    await rename("Ed25519");
    await expect(start(store)).rejects.toThrow(refusal("sealed_unreadable"));
    await rename("ES256");

    const foreign = createMasterKey(randomBytes(32));
    await expect(start(store, { masterKey: foreign })).rejects.toThrow(refusal("sealed_unreadable"));
    expect(await states(keys)).toEqual(["active ES256", "pending ES256"]);
    for (const row of rows) {
      expect(() => createSealedKeys(foreign).open(row)).toThrow(refusal("sealed_unreadable"));
    }
  });

  test("KM-09: a key that was sealed for anything but access tokens signs none", async () => {
    const store = await open();
    const keys = await start(store, { algorithm: "ES256" });
    const { kid = "" } = keys.signingKey();
    const jwk = JSON.stringify(exportPrivateJwk(keys.signingKey()));
    const sealer = createSealer(masterKey.derive("seal-signing-key"));
    const sealAs = async (purpose: string): Promise<void> => {
      const sealed = sealer.seal(Buffer.from(jwk), { purpose, kid });
      await store.database.db.updateTable("signing_keys").set({ sealed }).execute();
    };
    await sealAs("id-token-signing");
    await expect(start(store)).rejects.toThrow(refusal("sealed_unreadable"));
    await sealAs("access-token-signing");
    expect((await start(store)).signingKey().kid).toBe(kid);
  });

  test("KM-03: a start with the wrong master key is refused before any key is looked at, and changes nothing", async () => {
    const store = await open();
    const value = randomBytes(32).toString("base64url");
    await openMasterKey({ value, dataDir: "/nonexistent", store: store.installation });
    const wrong = randomBytes(32).toString("base64url");
    await expect(
      openMasterKey({ value: wrong, dataDir: "/nonexistent", store: store.installation }),
    ).rejects.toThrow(refusal("master_key_wrong"));
    await openMasterKey({ value, dataDir: "/nonexistent", store: store.installation });
    expect(await store.signingKeys.all()).toEqual([]);
  });

  test("KM-01: an instance that could not look for 30 seconds does not sign, still verifies, and recovers", async () => {
    const clock = newClock();
    const store = await open({ nowMs: clock.nowMs });
    const keys = await start(store, { nowMs: clock.nowMs });
    const old = signWith(keys.signingKey(), clock.now);
    clock.advance(30);
    expect(keys.signingKey().algorithm).toBe("HS256");
    clock.advance(1);
    expect(() => keys.signingKey()).toThrow(refusal("keys_stale"));
    expect(createVerifier({ ...token, keys: keys.keySet, now: clock.now })(old).sub).toBe("a-user");
    await keys.tick();
    expect(keys.signingKey().algorithm).toBe("HS256");
    clock.advance(-5);
    expect(() => keys.signingKey()).toThrow(refusal("keys_stale"));
  });

  test("KM-01: looks every second by itself once started", async () => {
    const store = await open();
    const keys = await start(store, { algorithm: "ES256" });
    const other = await start(store, { algorithm: "ES256" });
    keys.start();
    keys.start();
    await other.rotate({ immediately: true });
    await expect.poll(() => keys.signingKey().kid, { timeout: 20_000 }).toBe(other.signingKey().kid);
    await keys.close();
  });

  test("KM-01: tells of trouble in the background once, tries again every second, and stops when closed", async () => {
    const store = await open();
    const troubles: unknown[] = [];
    let reads = 0;
    let broken = false;
    const flaky = {
      inUse() {
        reads++;
        return broken ? Promise.reject(new RangeError("gone")) : store.signingKeys.inUse();
      },
      createFirst: (key: NewKey) => store.signingKeys.createFirst(key),
    };
    const keys = await start({ signingKeys: flaky } as unknown as Store, {
      onError: (error) => troubles.push(error),
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    keys.start();
    broken = true;
    reads = 0;
    await vi.advanceTimersByTimeAsync(3500);
    expect([reads, troubles]).toEqual([3, [new RangeError("gone")]]);
    await keys.close();
    await vi.advanceTimersByTimeAsync(3500);
    expect(reads).toBe(3);
  });

  test("KM-05: a secret is exported only when asked for by its unsafe name, and that is audited", async () => {
    const store = await open();
    const keys = await start(store, { algorithm: "HS256" });
    const kid = keys.signingKey().kid ?? "";
    await expect(keys.exportJwk(kid)).rejects.toThrow(refusal("key_secret"));
    const secret = await keys.exportJwk(kid, { unsafePrintSecret: true, origin: { actorId: "an-admin" } });
    expect(secret).toMatchObject({ kty: "oct", alg: "HS256", kid });
    expect(Buffer.from(secret.k ?? "", "base64url")).toHaveLength(32);
    const exported = (await store.audit.list({ limit: 10 })).filter(({ event }) => event === "key_exported");
    expect(exported.map(({ actorId, detail }) => [actorId, detail])).toEqual([["an-admin", { kid }]]);

    const { kid: pair } = await keys.rotate({ algorithm: "ES256" });
    expect(await keys.exportJwk(pair, { unsafePrintSecret: true })).not.toHaveProperty("d");
    await expect(keys.exportJwk("none")).rejects.toThrow(refusal("key_unknown"));
  });

  test("KM-03: no key material stands in the database, in an error or in an inspected object", async () => {
    const store = await open();
    const keys = await start(store, { algorithm: "HS256" });
    await keys.rotate({ algorithm: "ES256", immediately: true });
    await keys.rotate({ algorithm: "Ed25519" });
    const sealedKeys = createSealedKeys(masterKey);
    const opened = (await store.signingKeys.inUse()).keys.map((row) => sealedKeys.open(row));
    const secrets = opened.map(exportPrivateJwk).map(({ d, k }) => Buffer.from(d ?? k ?? "", "base64url"));
    expect(secrets.map(({ length }) => length)).toEqual([32, 32, 32]);
    secrets.push(masterKeyBytes, ...keyPurposes.map((purpose) => masterKey.derive(purpose).export()));

    const said: string[] = [
      inspect([keys, opened, keys.keySet(), masterKey], { depth: 12, showHidden: true }),
    ];
    for (const table of ["signing_keys", "audit", "instance", "revocations", "journal"] as const) {
      for (const row of await store.database.db.selectFrom(table).selectAll().execute()) {
        said.push(inspect(row, { depth: 5, maxArrayLength: 10_000, maxStringLength: 100_000 }));
        for (const value of Object.values(row)) {
          if (value instanceof Uint8Array) said.push(Buffer.from(value).toString("hex"));
        }
      }
    }
    const attempts = [
      () => keys.exportJwk(opened[0]?.kid ?? ""),
      () => keys.exportJwk("none"),
      () => keys.revoke("none"),
      () => start(store, { masterKey: createMasterKey(randomBytes(32)) }),
    ];
    for (const attempt of attempts) said.push(inspect(await attempt().catch((error: unknown) => error)));
    const everything = said.join("\n");
    expect(everything).toContain("sealed_unreadable");
    for (const secret of secrets) {
      for (const encoding of ["hex", "base64", "base64url", "latin1"] as const) {
        expect(everything.includes(secret.toString(encoding).slice(0, 20))).toBe(false);
      }
    }
  });

  test("options that make no sense are a TypeError", async () => {
    const store = await open();
    await expect(start(store, { algorithm: "RS512" as "ES256" })).rejects.toThrow(TypeError);
    await expect(start(store, { accessTokenTtlSeconds: 0 })).rejects.toThrow(TypeError);
    await expect(start(store, { publishSeconds: leastPublishSeconds - 1 })).rejects.toThrow(TypeError);
    await expect(start(store, { rotationIntervalSeconds: 2 * leastPublishSeconds - 1 })).rejects.toThrow(
      TypeError,
    );
    expect(await store.signingKeys.all()).toEqual([]);
  });
});
