/** What issuer and servers agree on in a run: names and keys made for it. */
import { generateKeyPairSync, randomBytes } from "node:crypto";

export interface Trust {
  readonly issuer: string;
  readonly audience: string;
  /** base64url */
  readonly secret: string;
  readonly privatePem: string;
  readonly publicPem: string;
}

export function makeTrust(): Trust {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return {
    issuer: "https://issuer.example",
    audience: "https://posts.example",
    secret: randomBytes(32).toString("base64url"),
    privatePem: privateKey,
    publicPem: publicKey,
  };
}

/** The reply of every server: two posts, about 120 bytes of JSON. */
export const posts = {
  posts: [
    { id: 1, title: "First post", content: "Hello from the bench" },
    { id: 2, title: "Second post", content: "Tokens travel well" },
  ],
} as const;

/** Who has an account where a server keeps accounts. */
export const person = { email: "bench@example.com", password: "tangerine violin ledger" } as const;
