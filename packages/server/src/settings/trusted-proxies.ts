// The proxies whose word on a request's origin is believed, as Fastify's `trustProxy` takes them.
import { isIP } from "node:net";

/**
 * An address, or a CIDR block of them. A block of all addresses is none: then any client could say
 * where it comes from.
 */
export function isAddressOrBlock(entry: string): boolean {
  const [address = "", prefix, ...more] = entry.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (prefix === undefined) return true;
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : 0;
  return bits >= 1 && bits <= (version === 4 ? 32 : 128);
}
