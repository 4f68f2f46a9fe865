import { describe, expect, onTestFinished, test } from "vitest";
import { createHashingQueue, type HashingQueue, type Turn } from "../../src/passwords/hashing-queue.ts";
import { devicesTurn, newcomersTurn, ownersTurn, strangersTurn } from "../../src/passwords/turn.ts";

let count = 0;
/** Somebody of their own account, from this source. */
const somebody = (source: string, signal?: AbortSignal): Turn =>
  strangersTurn({ source, connection: {}, signal }, `account ${(count += 1)}`);

/** Work that ends when it is told to, and the order in which it began. */
function newWork(queue: HashingQueue) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    /** Asks, and returns how that ends: what the work gives, or the refusal's code. */
    ask(name: string, turn: Turn): Promise<unknown> {
      const answer = queue.run(turn, () => {
        begun.push(name);
        return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
      });
      return answer.catch(({ code, retryAfterSeconds }: { code: string; retryAfterSeconds: number }) => {
        expect(retryAfterSeconds).toBe(2);
        return code;
      });
    },
    async end(name: string): Promise<void> {
      ends.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const patient = { concurrency: 1, waitingPlaces: 16, patienceMs: 600_000 };

describe("the hashing queue", () => {
  test("refuses whoever has waited as long as its patience, and nobody before", async () => {
    const work = newWork(createHashingQueue({ ...patient, patienceMs: 300 }));
    const first = work.ask("first", somebody("a"));
    const sinceMs = performance.now();
    expect(await work.ask("second", somebody("b"))).toBe("busy");
    expect(performance.now() - sinceMs).toBeGreaterThan(290);
    await work.end("first");
    expect(await first).toBe("first");
    expect(work.begun).toEqual(["first"]);
  });

  test("has a patience of two seconds", async () => {
    const work = newWork(createHashingQueue({ concurrency: 1, waitingPlaces: 4 }));
    void work.ask("first", somebody("a"));
    const sinceMs = performance.now();
    expect(await work.ask("second", somebody("b"))).toBe("busy");
    expect(performance.now() - sinceMs).toBeGreaterThan(1990);
  });

  test("keeps to what is left of the patience of whoever has waited elsewhere", async () => {
    const work = newWork(createHashingQueue(patient));
    void work.ask("first", somebody("a"));
    const sinceMs = performance.now();
    expect(await work.ask("second", { ...somebody("b"), untilMs: sinceMs + 200 })).toBe("busy");
    expect(performance.now() - sinceMs).toBeGreaterThan(190);
    expect(await work.ask("third", { ...somebody("c"), untilMs: sinceMs })).toBe("busy");
    expect(work.begun).toEqual(["first"]);
  });

  test("does not work for whoever hung up: 110 of them do not delay an honest one", async () => {
    const queue = createHashingQueue({ ...patient, waitingPlaces: 256 });
    const work = newWork(queue);
    const first = work.ask("first", somebody("x"));
    const gone = new AbortController();
    const dead = Array.from({ length: 110 }, (_, index) =>
      work.ask(`dead ${index}`, somebody(`${index}`, gone.signal)),
    );
    const honest = work.ask("honest", somebody("honest"));
    expect(queue.waiting).toBe(111);
    gone.abort();
    expect(queue.waiting).toBe(1);
    expect(new Set(await Promise.all(dead))).toEqual(new Set(["busy"]));
    await work.end("first");
    expect(work.begun).toEqual(["first", "honest"]);
    await work.end("honest");
    expect(await Promise.all([first, honest])).toEqual(["first", "honest"]);
    // Whoever was gone before they asked does not come in either.
    expect(await work.ask("late", somebody("late", gone.signal))).toBe("busy");
  });

  test("has one place for a connection, and for an account one of all unknown devices, and one of each known", async () => {
    const work = newWork(createHashingQueue({ ...patient, concurrency: 4 }));
    const connection = {};
    void work.ask("one", strangersTurn({ source: "a", connection }, "ada"));
    expect(await work.ask("pipelined", strangersTurn({ source: "a", connection }, "bob"))).toBe("busy");
    expect(await work.ask("two", strangersTurn({ source: "b", connection: {} }, "ada"))).toBe("busy");
    for (const device of ["phone", "laptop"]) {
      void work.ask(device, devicesTurn({ source: "c", connection: {} }, "ada", device));
      expect(await work.ask("again", devicesTurn({ source: "d" }, "ada", device))).toBe("busy");
    }
    void work.ask("of another", devicesTurn({ source: "c", connection: {} }, "eve", "phone"));
    expect(work.begun).toEqual(["one", "phone", "laptop", "of another"]);
    // The places are free again.
    await work.end("one");
    void work.ask("later", strangersTurn({ source: "a", connection }, "ada"));
    expect(work.begun.at(-1)).toBe("later");
  });

  test("has two places for an address that is signed up: the second waits for the first", async () => {
    const work = newWork(createHashingQueue({ ...patient, concurrency: 4 }));
    const turn = newcomersTurn({ source: "a" }, "ada");
    void work.ask("first", turn);
    void work.ask("second", turn);
    expect(await work.ask("third", turn)).toBe("busy");
    expect(work.begun).toEqual(["first"]);
    await work.end("first");
    expect(work.begun).toEqual(["first", "second"]);
  });

  test("gives one source every hash while it is alone, and serves the sources in turn when it is not", async () => {
    const work = newWork(createHashingQueue({ ...patient, concurrency: 2, waitingPlaces: 64 }));
    for (let index = 0; index < 12; index += 1) void work.ask(`flood ${index}`, somebody("flood"));
    expect(work.begun).toEqual(["flood 0", "flood 1"]);
    void work.ask("honest", somebody("honest"));
    await work.end("flood 0");
    await work.end("flood 1");
    // Before ten of the flood that came earlier.
    expect(work.begun).toEqual(["flood 0", "flood 1", "flood 2", "honest"]);
  });

  test("keeps one source to a quarter of the waiting places while others wait", async () => {
    // 64 places, of which 48 are for strangers: a quarter is 12.
    const work = newWork(createHashingQueue({ ...patient, waitingPlaces: 64 }));
    void work.ask("at work", somebody("x"));
    void work.ask("other", somebody("other"));
    for (let index = 0; index < 12; index += 1) void work.ask(`flood ${index}`, somebody("flood"));
    expect(await work.ask("flood 12", somebody("flood"))).toBe("busy");
  });

  test("lets whoever filled it alone give way to others, down to its quarter", async () => {
    const queue = createHashingQueue({ ...patient, waitingPlaces: 64 });
    const work = newWork(queue);
    void work.ask("at work", somebody("x"));
    const flood = Array.from({ length: 48 }, (_, index) => work.ask(`flood ${index}`, somebody("flood")));
    expect(queue.waiting).toBe(48);
    expect(await work.ask("flood 48", somebody("flood"))).toBe("busy");
    for (let index = 0; index < 36; index += 1) void work.ask(`other ${index}`, somebody(`${index}`));
    expect(await Promise.all(flood.slice(12))).toEqual(Array(36).fill("busy"));
    expect(queue.waiting).toBe(48);
    expect(await work.ask("one more", somebody("more"))).toBe("busy");
  });

  test("keeps a share for those with a session or a known device, and serves the two kinds by turns", async () => {
    const work = newWork(createHashingQueue(patient));
    void work.ask("at work", somebody("x"));
    for (let index = 0; index < 12; index += 1) void work.ask(`stranger ${index}`, somebody(`${index}`));
    expect(await work.ask("stranger 12", somebody("more"))).toBe("busy");
    for (let index = 0; index < 4; index += 1) {
      void work.ask(`owner ${index}`, ownersTurn({ source: `${index}` }, `owner ${index}`));
    }
    await work.end("at work");
    for (const name of ["owner 0", "stranger 0", "owner 1"]) await work.end(name);
    expect(work.begun).toEqual(["at work", "owner 0", "stranger 0", "owner 1", "stranger 1"]);
  });

  test("gives a place back when the work fails, and works on", async () => {
    const queue = createHashingQueue(patient);
    const turn = somebody("a");
    await expect(queue.run(turn, () => Promise.reject(new TypeError("broken")))).rejects.toThrow("broken");
    expect(await queue.run(turn, async () => "again")).toBe("again");
  });

  test("leaves no timer and no listener behind", async () => {
    const queue = createHashingQueue(patient);
    const { signal } = new AbortController();
    let listening = 0;
    const counted = new Proxy(signal, {
      get(target, name) {
        if (name === "addEventListener") return () => (listening += 1);
        if (name === "removeEventListener") return () => (listening -= 1);
        return Reflect.get(target, name, target) as unknown;
      },
    });
    const turns = Array.from({ length: 5 }, (_, index) => somebody(`${index}`, counted));
    await Promise.all(turns.map((turn) => queue.run(turn, () => new Promise(setImmediate))));
    expect(listening).toBe(0);
    onTestFinished(() => expect(queue.waiting).toBe(0));
  });
});
