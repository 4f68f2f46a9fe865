import { describe, expect, test } from "vitest";
import { RememberedTokens } from "../src/remembered-tokens.ts";

const token = (number: number): string => `header.payload.${String(number).padStart(12, "s")}`;

describe("remembered tokens", () => {
  test("are found by the whole token", () => {
    const memory = new RememberedTokens<{ token: string }>(4);
    const entry = { token: token(1) };
    memory.remember(entry);
    expect(memory.find(token(1))).toBe(entry);
    expect(memory.find(token(2))).toBeUndefined();
    expect(memory.find(`another${token(1)}`)).toBeUndefined();
    expect(memory.find(token(1).slice(1))).toBeUndefined();
  });

  test("are found in the older generation too, by the whole token", () => {
    const memory = new RememberedTokens<{ token: string }>(2);
    memory.remember({ token: token(1) });
    memory.remember({ token: token(2) });
    expect(memory.find(`another${token(1)}`)).toBeUndefined();
    expect(memory.find(token(1))?.token).toBe(token(1));
  });

  test("are at most as many as the capacity", () => {
    for (const capacity of [2, 3, 10]) {
      const memory = new RememberedTokens<{ token: string }>(capacity);
      for (let number = 0; number < 100; number += 1) memory.remember({ token: token(number) });
      const found = Array.from({ length: 100 }, (_, number) => memory.find(token(number)));
      expect(found.filter(Boolean).length).toBeLessThanOrEqual(capacity);
      expect(memory.find(token(99))).toBeDefined();
    }
  });

  test("used last stay while others go", () => {
    const memory = new RememberedTokens<{ token: string }>(8);
    memory.remember({ token: token(0) });
    for (let number = 1; number < 100; number += 1) {
      memory.remember({ token: token(number) });
      expect(memory.find(token(0)), `after ${number}`).toBeDefined();
    }
    // The four used before the newest are still there, and those of long ago are not.
    for (const number of [99, 98, 97, 0]) expect(memory.find(token(number))).toBeDefined();
    expect(memory.find(token(50))).toBeUndefined();
  });

  test("even a capacity of one remembers", () => {
    const memory = new RememberedTokens<{ token: string }>(1);
    memory.remember({ token: token(1) });
    expect(memory.find(token(1))).toBeDefined();
  });

  test("looking for what is not there forgets nothing", () => {
    const memory = new RememberedTokens<{ token: string }>(2);
    memory.remember({ token: token(1) });
    for (let number = 2; number < 100; number += 1) memory.find(token(number));
    expect(memory.find(token(1))).toBeDefined();
  });
});
