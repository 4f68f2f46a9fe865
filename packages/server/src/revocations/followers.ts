// Who asks for the feed: a follower with a name, which its secret proves, or a stranger.
import { createHash, timingSafeEqual } from "node:crypto";
import { ServiceError } from "../errors.ts";
import { plainBasicCredentials } from "../http/basic-credentials.ts";

export type Follower = { readonly name: string } | { readonly address: string };

export interface FollowerRules {
  /** Secrets by name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Whether strangers may follow, too. */
  readonly letsStrangersIn: boolean;
}

/** The name is the user-id of HTTP Basic, and nothing of it is encoded (RFC 7617 §2). */
export type IdentifyFollower = (authorization: string | undefined, address: string) => Follower;

/** What it returns throws a ServiceError `invalid_client`. */
export function createIdentifyFollower({ secrets, letsStrangersIn }: FollowerRules): IdentifyFollower {
  const digests = new Map(Array.from(secrets, ([name, secret]) => [name, digest(secret)]));
  const nobody = digest("nobody's");

  return (authorization, address) => {
    // Another scheme is meant for others, such as a proxy in front.
    const hasCredentials = /^Basic(?: |$)/i.test(authorization ?? "");
    if (!hasCredentials && letsStrangersIn) return { address };
    const { id: name = "", secret = "" } = plainBasicCredentials(authorization) ?? {};
    const expected = digests.get(name);
    // An unknown name costs the same comparison.
    const matches = timingSafeEqual(expected ?? nobody, digest(secret));
    if (expected !== undefined && matches) return { name };
    throw new ServiceError("invalid_client", {
      detail: hasCredentials
        ? "No follower of the revocation feed has this name and secret: compare with `feedFollowers`."
        : "The revocation feed is for followers with a name: send name and secret as HTTP Basic (RFC 7617).",
    });
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
