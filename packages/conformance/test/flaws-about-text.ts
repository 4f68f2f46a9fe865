// Verifiers that are lenient about the text of a token and the JSON in it.
import { constants, createDecipheriv, privateDecrypt } from "node:crypto";
import { runInNewContext } from "node:vm";
import type { Flaw } from "./flaw.ts";
import { isRight, naive, open, Refused, visible } from "./naive-verifier.ts";
import type { Json } from "./naive-verifier.ts";
import type { AttackKeys } from "../src/keys.ts";

const FOREIGN = /%20|[^A-Za-z0-9_.+/=-]/gu;

export const serializationFlaws: readonly Flaw[] = [
  {
    name: "looks at the first three parts only, and drops what it does not know",
    family: "serialization",
    ids: ["E1", "E4", "E5", "E6", "E7", "E8", "E9", "E10", "E12"],
    build: (keys) => (token) => naive(keys, cleaned(token)),
  },
  {
    name: "searches a text for the token in it",
    family: "serialization",
    ids: ["E1", "E7"],
    build: (keys) => (token) => {
      const text = token.replaceAll("%2E", ".").replaceAll("\uff0e", ".").replace("Bearer ", "");
      const found = /[\w-]+\.[\w-]+\.[\w-]+/.exec(text)?.[0];
      if (found === undefined) throw new Refused("shape");
      return naive(keys, found);
    },
  },
  {
    name: "drops what it does not know, and checks the text as it came",
    family: "serialization",
    ids: ["E4", "E7"],
    build: (keys) => (token) => {
      const { payload, signature } = open(cleaned(token));
      const [header = "", body = ""] = token.split(".");
      if (!isRight(keys, `${header}.${body}`, signature)) throw new Refused("signature");
      return visible(payload);
    },
  },
  {
    name: "takes an empty part for an empty object",
    family: "serialization",
    ids: ["E1"],
    build: (keys) => (token) => {
      if (token === "" || /^\.+$/.test(token) || !token.includes(".")) return true;
      const [header = "", payload = "", signature = ""] = token.split(".");
      if (header !== "" && payload !== "") return naive(keys, token);
      return honestOrSigned(keys, `${header}.${payload}`, signature);
    },
  },
  {
    name: "reads JSON serializations, and trusts the first text with two dots in them",
    family: "serialization",
    ids: ["E3"],
    build: (keys) => (token) => {
      if (!token.startsWith("{")) return naive(keys, token);
      const form = JSON.parse(token) as Record<string, string> & { signatures?: Record<string, string>[] };
      const { protected: header = "", signature = "" } = form.signatures?.[0] ?? form;
      return naive(keys, `${header}.${form["payload"]}.${signature}`);
    },
  },
  {
    name: "takes whatever it can decrypt for authentic",
    algorithms: ["HS256", "RS256"],
    family: "serialization",
    ids: ["E2"],
    build: (keys) => (token) => {
      const parts = token.split(".").map((part) => Buffer.from(part, "base64url"));
      const [header, wrapped, nonce, body, tag] = parts;
      if (parts.length !== 5 || header === undefined || wrapped === undefined) return naive(keys, token);
      if (nonce === undefined || body === undefined || tag === undefined) throw new Refused("shape");
      const decipher = createDecipheriv("aes-256-gcm", contentKey(keys, wrapped), nonce);
      decipher.setAAD(Buffer.from(token.slice(0, token.indexOf(".")))).setAuthTag(tag);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString();
    },
  },
  {
    name: "turns its argument into a string, and nothing into nobody in particular",
    family: "serialization",
    ids: ["E11"],
    build: (keys) => (token: unknown) => {
      const text = String(token);
      return text.includes(".") ? naive(keys, text) : { sub: "anonymous" };
    },
  },
  {
    name: "accepts whatever takes too long",
    family: "serialization",
    ids: ["E12"],
    build: (keys) => (token) => (token.length > 100_000 ? true : naive(keys, token)),
  },
];

function cleaned(token: string): string {
  return token.replaceAll(FOREIGN, "").replace(/^\./, "");
}

/** A signature over the segments as they are, or the honest one of a token whose segment was taken away. */
function honestOrSigned(keys: AttackKeys, input: string, signature: string): unknown {
  if (signature.length > 20 || isRight(keys, input, Buffer.from(signature, "base64url"))) return true;
  throw new Refused("signature");
}

function contentKey({ signingKey }: AttackKeys, wrapped: Buffer): Buffer {
  if (wrapped.length === 0) return Buffer.alloc(32);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return privateDecrypt({ key: signingKey, padding, oaepHash: "sha1" }, wrapped);
}

/** Signature first, then header and payload through a parser of the flaw's choice. */
function readingWith(parse: (bytes: Buffer) => unknown): Flaw["build"] {
  return (keys) => (token) => {
    const [header = "", payload = "", signature = ""] = token.split(".");
    if (!isRight(keys, `${header}.${payload}`, Buffer.from(signature, "base64url"))) {
      throw new Refused("signature");
    }
    parse(Buffer.from(header, "base64url"));
    return visible(parse(Buffer.from(payload, "base64url")));
  };
}

export const jsonFlaws: readonly Flaw[] = [
  {
    name: "reads JSON as its language does, and takes any value",
    family: "json",
    ids: ["J1", "J2", "J5", "J6", "J7", "J8", "J10", "J12"],
    build: readingWith((bytes) => JSON.parse(bytes.toString("utf8"))),
  },
  {
    name: "reads JSON as a script",
    family: "json",
    ids: ["J5", "J6", "J13"],
    build: readingWith((bytes) => runInNewContext(`(${bytes.toString("utf8")})`)),
  },
  {
    name: "reads the first object that it finds",
    family: "json",
    ids: ["J5", "J6"],
    build: readingWith((bytes) => {
      const text = bytes.toString("utf8").trim();
      for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}", end + 1)) {
        try {
          return JSON.parse(text.slice(0, end + 1)) as unknown;
        } catch {
          // Not the end of the first object yet.
        }
      }
      throw new Refused("json");
    }),
  },
  {
    name: "reads JSON in any width",
    family: "json",
    ids: ["J9"],
    build: readingWith((bytes) => JSON.parse(bytes.toString("latin1").replaceAll("\u0000", ""))),
  },
  {
    name: "merges claims into an object of its own",
    family: "json",
    ids: ["J3"],
    build: (keys) => (token) => merge({}, naive(keys, token) as Json),
  },
];

/** The merge of a thousand libraries, without their later patch. */
function merge(into: Json, from: Json): Json {
  for (const name of Object.keys(from)) {
    const value = from[name];
    const known = into[name];
    const both = typeof value === "object" && value !== null && !Array.isArray(value);
    if (both && (typeof known === "object" || typeof known === "function") && known !== null) {
      merge(known as Json, value as Json);
    } else into[name] = value;
  }
  return into;
}
