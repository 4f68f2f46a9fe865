import crypto from "node:crypto";
import { expect, test, vi } from "vitest";
import { pssSign, pssVerify } from "../src/rsa-pss.ts";

const parameters = { hash: "sha256", saltLength: 32 };
const { privateKey, publicKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
const input = Buffer.from("input");

test("where a runtime takes no KeyObject beside options, the key goes as text", () => {
  const createVerify = vi.spyOn(crypto, "createVerify").mockImplementation(() => {
    throw new TypeError("options.key must be a text");
  });
  const sign = pssSign(parameters, privateKey);
  const verify = pssVerify(parameters, publicKey);
  createVerify.mockRestore();

  const signature = sign(input);
  expect(verify(input, signature)).toBe(true);
  expect(pssVerify(parameters, publicKey)(input, signature)).toBe(true);
  expect(verify(Buffer.from("other input"), signature)).toBe(false);
});

test("a salt of another length is refused (RFC 7518 §3.5)", () => {
  const signature = pssSign({ hash: "sha256", saltLength: 20 }, privateKey)(input);
  expect(pssVerify(parameters, publicKey)(input, signature)).toBe(false);
});

test("a PKCS #1 v1.5 signature is refused", () => {
  const signature = crypto.sign("sha256", input, privateKey);
  expect(pssVerify(parameters, publicKey)(input, signature)).toBe(false);
});
