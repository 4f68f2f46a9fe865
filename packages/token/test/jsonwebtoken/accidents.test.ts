/** What is no refusal, but a fault of the runtime or of ours, is not given out as one. */
import { verify } from "@countersign/token/jsonwebtoken";
import crypto from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { p256 } from "./side-by-side.ts";
import theirs from "jsonwebtoken";

afterEach(() => {
  vi.restoreAllMocks();
});

test("an accident while a signature is checked is thrown as it is, and nothing verifies", () => {
  const token = theirs.sign({ sub: "42" }, p256.privateKey, { algorithm: "ES256" });
  const accident = new RangeError("out of memory");
  vi.spyOn(crypto, "verify").mockImplementation(() => {
    throw accident;
  });
  expect(() => verify(token, p256.publicKey)).toThrow(accident);
  const done = vi.fn();
  verify(token, p256.publicKey, done);
  expect(done).toHaveBeenCalledExactlyOnceWith(accident);
});
