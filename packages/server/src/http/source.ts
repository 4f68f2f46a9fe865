// What counts as one source: an IPv4 address, or the block of IPv6 addresses that one customer is given.
import { isIPv4, isIPv6 } from "node:net";

const mapped = /^::ffff:(?=\d+\.)/i;

/** Addresses of one source give the same text; what is no address is a source by itself. */
export function sourceOf(address: string): string {
  const plain = address.replace(mapped, "");
  if (isIPv4(plain) || !isIPv6(plain)) return plain;
  const [head = "", tail] = plain.replace(/%.*$/, "").split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(Math.max(zeros, 0)).fill("0"), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
