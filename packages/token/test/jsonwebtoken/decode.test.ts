/** `decode` behaves as in jsonwebtoken 9. */
import ours from "@countersign/token/jsonwebtoken";
import theirs from "jsonwebtoken";
import { describe, expect, test } from "vitest";
import { forge, same, secret, tokenOf } from "./side-by-side.ts";

const token = tokenOf({ sub: "42", iat: 1 }, { keyid: "k" });

same("the payload", ({ decode }) => decode(token));
same("complete", ({ decode }) => decode(token, { complete: true }));
same("with options that are null", ({ decode }) => decode(token, null));
same("as JSON", ({ decode }) => decode(token, { json: true }));
same("a token whose signature is wrong", ({ decode }) => decode(token.slice(0, -4)));
same("an unsigned token", ({ decode }) =>
  decode(theirs.sign({ iat: 1 }, "", { algorithm: "none" }), { complete: true }),
);
same("a text", ({ decode }) => decode(theirs.sign("some text", secret)));
same("a text, complete", ({ decode }) => decode(theirs.sign("some text", secret), { complete: true }));
same("null in a text", ({ decode }) => decode(forge({ alg: "HS256" }, "null")));
same("claims in a text", ({ decode }) => decode(theirs.sign('{"sub":"42"}', secret)));
same("claims without typ", ({ decode }) => decode(forge({ alg: "HS256" }, { sub: "42" })));
same("a number in a text", ({ decode }) => decode(forge({ alg: "HS256" }, 5)));
same("no dots", ({ decode }) => decode("abc"));
same("two segments", ({ decode }) => decode("abc.def"));
same("an alphabet of its own", ({ decode }) => decode("e+.e/.c="));
same("a header that is no JSON", ({ decode }) => decode(forge("{", { sub: "42" })));
same("a number", ({ decode }) => decode(7));
same("nothing", ({ decode }) => decode(undefined));
same("four segments", ({ decode }) => decode(`${token}.`));
same("an empty string", ({ decode }) => decode(""));

describe("where jsonwebtoken has no answer, null is ours", () => {
  test("for a text that must be claims", () => {
    const text = theirs.sign("some text", secret);
    expect(ours.decode(text)).toBe("some text");
    expect(ours.decode(text, { json: true })).toBeNull();
    expect(() => theirs.decode(text, { json: true })).toThrow(SyntaxError);
  });

  test("for claims that a strict reader refuses, also without typ", () => {
    for (const payload of ['{"a":1,"a":2}', "[1]", Buffer.from([0xff])]) {
      expect(ours.decode(forge({ alg: "HS256" }, payload))).toBeNull();
    }
  });
});
