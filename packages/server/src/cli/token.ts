// countersign token: what stands in a token, and whether it can be believed.
import {
  createVerifier,
  decode,
  importJwkSet,
  type KeySet,
  keySet,
  secretKey,
  TokenError,
} from "@countersign/token";
import { readFileSync } from "node:fs";
import { ConfigError } from "../errors.ts";
import {
  type Asked,
  CommandFailed,
  type CommandContext,
  type Flag,
  type Group,
  type Operand,
} from "./command.ts";
import { coloured, printResult, shownJson } from "./printing.ts";
import { readSecretLine } from "./secret-input.ts";

const tokenOperand: Operand = {
  name: "TOKEN",
  summary: "by default read from standard input, where no other user of the machine sees it",
  isOptional: true,
};
const timeClaims = ["iat", "nbf", "exp", "auth_time"] as const;
const maxDocumentBytes = 1024 * 1024;
const fetchMs = 10_000;

const verifyFlags: Readonly<Record<string, Flag>> = {
  issuer: { summary: "what `iss` must be; without it, the issuer is not judged", value: "URL" },
  audience: { summary: "what must be in `aud`; without it, the audience is not judged", value: "NAME" },
  type: { summary: "what `typ` must be; by default at+jwt, an access token", value: "TYPE" },
  "jwks-url": { summary: "where the keys are published", value: "URL" },
  "jwks-file": { summary: "a file with the keys, as a JWK Set", value: "FILE", isFile: true },
  "secret-file": { summary: "a file with the secret of HS256, as base64url", value: "FILE", isFile: true },
};

export const token: Group = {
  summary: "Show what stands in a token, or verify it",
  examples: [
    "countersign token inspect < token.txt",
    "countersign token verify --jwks-url https://auth.example.com/.well-known/jwks.json \\\n    --issuer https://auth.example.com --audience https://api.example.com < token.txt",
  ],
  verbs: {
    inspect: {
      summary: "show header and claims, times in words, and what is unusual; nothing is verified",
      operands: [tokenOperand],
      async run(asked, context) {
        const { header, payload } = decoded(await tokenOf(asked, context));
        const nowSeconds = Date.now() / 1000;
        const warnings = warningsOf(header, payload, nowSeconds);
        const times = timeClaims.flatMap((name) => {
          const seconds = payload[name];
          return typeof seconds === "number" ? [`${name}: ${inWords(seconds, nowSeconds)}`] : [];
        });
        const notice = "NOT VERIFIED: anybody can write such a token. To verify it: countersign token verify";
        const text = [
          coloured(context, "yellow", notice),
          `header ${shownJson(header, 2)}`,
          `claims ${shownJson(payload, 2)}`,
          ...times,
          ...warnings.map((warning) => coloured(context, "yellow", `warning: ${warning}`)),
        ];
        const json = { verified: false, header, claims: payload, warnings };
        await printResult(asked, context, json, `${text.join("\n")}\n`);
      },
    },
    verify: {
      summary: "verify signature, type and times, and the claims that are named; revocation is not asked",
      text: ["Ends with 0 if the token holds, and with 1 and the reason if it does not."],
      operands: [tokenOperand],
      flags: verifyFlags,
      async run(asked, context) {
        const keys = await keysOf(asked);
        const { type = "at+jwt", issuer = null, audience = null } = asked.values;
        const verify = createVerifier({ keys, type, issuer, audience });
        const text = await tokenOf(asked, context);
        const unjudged = [
          ...(issuer === null ? ["issuer"] : []),
          ...(audience === null ? ["audience"] : []),
          "revocation",
        ];
        let claims: object;
        try {
          claims = verify(text);
        } catch (error) {
          if (!(error instanceof TokenError)) throw error;
          if (asked.isJson) await context.print(`${JSON.stringify({ verified: false, code: error.code })}\n`);
          throw new CommandFailed(`the token does not hold: ${error.message} (${error.code})`, {
            cause: error,
          });
        }
        const said = `${coloured(context, "green", "The token holds")}; not judged: ${unjudged.join(", ")}.`;
        const json = { verified: true, not_judged: unjudged, claims };
        await printResult(asked, context, json, `${said}\nclaims ${shownJson(claims, 2)}\n`);
      },
    },
  },
};

async function tokenOf({ operands }: Asked, context: CommandContext): Promise<string> {
  const [given] = operands;
  return (given ?? (await readSecretLine(context, "token"))).replace(/^Bearer +/i, "").trim();
}

function decoded(text: string): ReturnType<typeof decode> {
  try {
    return decode(text);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw new CommandFailed(`this is no JSON Web Token: ${error.message} (${error.code})`, { cause: error });
  }
}

/** Whoever names two ways to a key may mean the wrong one. */
async function keysOf({ values }: Asked): Promise<KeySet> {
  const { "jwks-url": url, "jwks-file": file, "secret-file": secretFile } = values;
  if ([url, file, secretFile].filter((one) => one !== undefined).length !== 1)
    throw new ConfigError(["token verify needs one of --jwks-url, --jwks-file and --secret-file"]);
  try {
    if (secretFile !== undefined) {
      const text = readFileSync(secretFile, "latin1").trim();
      const bytes = Buffer.from(text, "base64url");
      if (bytes.toString("base64url") !== text) throw new TypeError("it is not base64url");
      return keySet([secretKey("HS256", bytes)]);
    }
    return importJwkSet(parsed(file === undefined ? await fetched(url ?? "") : readFileSync(file, "utf8")));
  } catch (cause) {
    const name = url ?? file ?? secretFile;
    throw new ConfigError([`no key comes from ${name}: ${(cause as Error).message}`]);
  }
}

/** What is no JSON may be a secret, of which Node's own message would show a piece. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError("it is no JSON");
  }
}

/** With an end to its time and its size. */
async function fetched(url: string): Promise<string> {
  const target = URL.parse(url);
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(target?.hostname ?? "");
  if (target?.protocol !== "https:" && !(target?.protocol === "http:" && isLoopback))
    throw new TypeError("keys are fetched by https alone, or from this machine");
  const response = await fetch(target, { redirect: "error", signal: AbortSignal.timeout(fetchMs) });
  if (!response.ok) throw new TypeError(`it answers ${response.status}`);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > maxDocumentBytes) throw new TypeError("it sends more than 1 MiB");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function warningsOf(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  nowSeconds: number,
): string[] {
  const { exp, iat, nbf } = claims;
  const lifetime = typeof exp === "number" && typeof iat === "number" ? exp - iat : undefined;
  const warnings: readonly (readonly [boolean, string])[] = [
    [typeof header["alg"] !== "string" || /^none$/i.test(header["alg"]), "it has no signature: alg is none"],
    [header["typ"] !== "at+jwt", "typ is not at+jwt: it is no access token of RFC 9068"],
    [
      header["jku"] !== undefined || header["jwk"] !== undefined || header["x5u"] !== undefined,
      "it names its own key (jku, jwk, x5u), which nobody may believe",
    ],
    [header["kid"] === undefined, "it has no kid: a verifier must try its keys"],
    [typeof exp !== "number", "it never expires: there is no exp"],
    [typeof exp === "number" && exp <= nowSeconds, "it has expired"],
    [typeof nbf === "number" && nbf > nowSeconds, "it is not valid yet"],
    [typeof iat === "number" && iat > nowSeconds + 60, "it was issued in the future: compare the clocks"],
    [lifetime !== undefined && lifetime > 24 * 3600, "it lives for more than a day"],
    [claims["aud"] === undefined, "it is for no audience: there is no aud"],
    [claims["iss"] === undefined, "it names no issuer"],
  ];
  return warnings.filter(([isSo]) => isSo).map(([, text]) => text);
}

const units = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

function inWords(seconds: number, nowSeconds: number): string {
  const time = new Date(seconds * 1000);
  if (Number.isNaN(time.getTime())) return `${seconds}, which is no time`;
  const distance = seconds - nowSeconds;
  const [unit, size] = units.find(([, length]) => Math.abs(distance) >= length) ?? ["second", 1];
  const count = Math.round(Math.abs(distance) / size);
  const amount = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return `${time.toISOString()}, ${distance < 0 ? `${amount} ago` : `in ${amount}`}`;
}
