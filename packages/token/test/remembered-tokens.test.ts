import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { RememberedTokens } from "../src/remembered-tokens.ts";

interface Entry {
  readonly token: string;
}

/** Like a signed one: what stands at its end looks random. */
const token = (number: number): string =>
  `header.payload.${createHash("sha256").update(String(number)).digest("base64url")}`;

/** Tells a token the two times that it takes. */
function learn(memory: RememberedTokens<Entry>, number: number): Entry {
  const entry = { token: token(number) };
  memory.remember({ token: token(number) });
  memory.remember(entry);
  return entry;
}

function countOf(memory: RememberedTokens<Entry>, numbers: number): number {
  return Array.from({ length: numbers }, (_, number) => memory.find(token(number))).filter(Boolean).length;
}

describe("remembered tokens", () => {
  test("are kept from the second time on, whatever was told in between", () => {
    const memory = new RememberedTokens<Entry>(1000);
    for (let number = 0; number < 100; number += 1) memory.remember({ token: token(number) });
    expect(countOf(memory, 100)).toBe(0);
    for (let number = 0; number < 100; number += 1) memory.remember({ token: token(number) });
    expect(countOf(memory, 100)).toBe(100);
  });

  test("are found by the whole token", () => {
    const memory = new RememberedTokens<Entry>(4);
    const entry = learn(memory, 1);
    expect(memory.find(token(1))).toBe(entry);
    expect(memory.find(token(2))).toBeUndefined();
    expect(memory.find(`another${token(1)}`)).toBeUndefined();
    expect(memory.find(token(1).slice(1))).toBeUndefined();
    expect(memory.find(token(1).replace("payload", "Payload"))).toBeUndefined();
    for (const short of ["", "a", token(1).slice(-5), token(1).slice(-11)]) {
      expect(memory.find(short)).toBeUndefined();
    }
  });

  test("are at most as many as there are places, about twice the capacity", () => {
    for (const [capacity, most] of [
      [1, 8],
      [4, 8],
      [5, 8],
      [10, 16],
      [1000, 2048],
    ] as const) {
      const memory = new RememberedTokens<Entry>(capacity);
      const told = most * 10;
      for (let number = 0; number < told; number += 1) learn(memory, number);
      expect(countOf(memory, told), `capacity ${capacity}`).toBe(most);
    }
  });

  test("make room for the newest one", () => {
    const memory = new RememberedTokens<Entry>(8);
    for (let number = 0; number < 500; number += 1) {
      const entry = learn(memory, number);
      expect(memory.find(token(number))).toBe(entry);
    }
  });

  test("are hardly ever pushed out while there are no more than the capacity", () => {
    const memory = new RememberedTokens<Entry>(1024);
    for (let number = 0; number < 1024; number += 1) learn(memory, number);
    expect(countOf(memory, 1024)).toBeGreaterThan(990);
    const half = new RememberedTokens<Entry>(1024);
    for (let number = 0; number < 512; number += 1) learn(half, number);
    expect(countOf(half, 512)).toBe(512);
  });

  test("stay, however many others come once", () => {
    const memory = new RememberedTokens<Entry>(64);
    for (let number = 0; number < 10; number += 1) learn(memory, number);
    const before = countOf(memory, 10);
    for (let number = 10; number < 10_000; number += 1) memory.remember({ token: token(number) });
    expect(countOf(memory, 10)).toBe(before);
    expect(before).toBeGreaterThan(5);
  });

  test("are forgotten by nobody's looking for what is not there", () => {
    const memory = new RememberedTokens<Entry>(4);
    learn(memory, 1);
    for (let number = 2; number < 100; number += 1) memory.find(token(number));
    expect(memory.find(token(1))).toBeDefined();
  });
});
