// How many may follow the stream at once. Followers with a name have places of their own, so that
// strangers, however many, take none from them.
import { ServiceError } from "../errors.ts";
import type { Follower } from "./followers.ts";

export interface PlaceLimits {
  readonly named: number;
  readonly strangers: number;
  readonly strangersPerAddress: number;
}

export interface Places {
  /** Takes a place and returns the way to give it free. @throws ServiceError `unavailable` */
  readonly take: (follower: Follower) => () => void;
  readonly taken: () => { readonly named: number; readonly strangers: number };
}

const defaultLimits: PlaceLimits = { named: 2000, strangers: 128, strangersPerAddress: 16 };

/** Three of a verifier's attempts; until then it asks for the list. */
const retryAfterSeconds = 5;

export function createPlaces(limits: Partial<PlaceLimits> = {}): Places {
  const { named, strangers, strangersPerAddress } = { ...defaultLimits, ...limits };
  let namedCount = 0;
  let strangerCount = 0;
  const perAddress = new Map<string, number>();

  function takeNamed(): () => void {
    if (namedCount >= named) throw refusal("Too many follow the feed here; try another instance, or later.");
    namedCount += 1;
    return () => {
      namedCount -= 1;
    };
  }

  function takeAsStranger(address: string): () => void {
    const mates = perAddress.get(address) ?? 0;
    if (strangerCount >= strangers || mates >= strangersPerAddress) {
      throw refusal(
        "Too many follow the feed here without a name. Ask for the list, come later, " +
          "or have the operator give this follower a name in `feedFollowers`.",
      );
    }
    strangerCount += 1;
    perAddress.set(address, mates + 1);
    return () => {
      strangerCount -= 1;
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left === 0) perAddress.delete(address);
      else perAddress.set(address, left);
    };
  }

  return {
    take: (follower) => ("name" in follower ? takeNamed() : takeAsStranger(follower.address)),
    taken: () => ({ named: namedCount, strangers: strangerCount }),
  };
}

function refusal(detail: string): ServiceError {
  return new ServiceError("unavailable", { detail, retryAfterSeconds });
}
