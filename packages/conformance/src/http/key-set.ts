// Fetches the issuer's public keys, once.
import type { JsonWebKey } from "node:crypto";
import { send } from "./send.ts";
import { UrlTargetError } from "./url-target-error.ts";

/** @throws UrlTargetError `keys_unusable` */
export async function fetchKeySet(url: URL): Promise<readonly JsonWebKey[]> {
  let answer: unknown;
  try {
    const { status, body } = await send(url, { headers: [] });
    answer = status === 200 ? JSON.parse(body) : undefined;
  } catch (error) {
    throw unusable(url, error);
  }
  if (isKeySet(answer)) return answer.keys;
  throw unusable(url);
}

function isKeySet(value: unknown): value is { keys: JsonWebKey[] } {
  return typeof value === "object" && value !== null && "keys" in value && Array.isArray(value.keys);
}

function unusable(url: URL, cause?: unknown): UrlTargetError {
  return new UrlTargetError("keys_unusable", `There is no key set at ${url.origin}${url.pathname}.`, {
    cause,
  });
}
