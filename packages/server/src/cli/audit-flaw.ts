// What is wrong with a trail, as a sentence.
import type { BrokenChain } from "../audit/chain.ts";

export function flaw({ seq, problem }: BrokenChain): string {
  switch (problem) {
    case "missing":
      return `the audit trail is broken: event ${seq} is missing`;
    case "altered":
      return `the audit trail is broken: event ${seq} is not as it was written`;
    case "added":
      return `the audit trail is broken: event ${seq} was added by another hand`;
    case "seal":
      return `the audit trail is broken: its events agree, but its end, event ${seq}, is not what was sealed`;
    case "start":
      return `the audit trail is broken: events are missing up to event ${seq}, and nobody with the master key removed them`;
    case "journal":
      return `the audit trail is broken: its end, event ${seq}, is not what was written last`;
  }
}
