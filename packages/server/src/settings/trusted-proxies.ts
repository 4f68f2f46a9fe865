// The proxies whose word on a request's origin is believed: addresses and CIDR blocks, with commas between.
import { isIP } from "node:net";

/**
 * The entries of the list, as Fastify's `trustProxy` takes them; undefined if one of them is neither an address nor a
 * block of them. A block of all addresses is none: then any client could say where it comes from.
 */
export function readTrustedProxies(list: string): string[] | undefined {
  const entries = list.split(",").map((entry) => entry.trim());
  return entries.every(isAddressOrBlock) ? entries : undefined;
}

function isAddressOrBlock(entry: string): boolean {
  const [address = "", prefix, ...more] = entry.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (prefix === undefined) return true;
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : 0;
  return bits >= 1 && bits <= (version === 4 ? 32 : 128);
}
