/** `decode` behaves as in jsonwebtoken 9. */
import theirs from "jsonwebtoken";
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
