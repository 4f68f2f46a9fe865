// What counts as one source: an IPv4 address, or the /64 of IPv6 addresses that one customer is given.
import { isIPv4, isIPv6 } from "node:net";

/** However an address is written, and wherever in its /64 it is, the text is the same. */
export function sourceOf(address: string | null | undefined): string {
  if (address === null || address === undefined) return "unknown";
  if (isIPv4(address)) return address;
  const [withoutZone = ""] = address.split("%");
  if (!isIPv6(withoutZone)) return "unknown";
  const groups = groupsOf(withoutZone);
  // An IPv4 address that a socket for both writes as IPv6 (RFC 4291 §2.5.5.2).
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join(".");
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight numbers of an IPv6 address; the URL parser knows every spelling of them. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const numbers = (text: string | undefined): number[] =>
    text === undefined || text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const before = numbers(head);
  const after = numbers(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
