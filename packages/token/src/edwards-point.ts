/** Whether a point of edwards25519 is fit to be a public key, as far as its y coordinate can tell. */

/** The order of the field. */
const p = 2n ** 255n - 19n;

const orderEight = 0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

/** The y coordinates of the points of order 1, 2, 4 and 8. */
const smallOrder: ReadonlySet<bigint> = new Set([0n, 1n, p - 1n, orderEight, p - orderEight]);

/**
 * @throws TypeError for a coordinate that is not below the order of the field (RFC 8032 §5.1.3), and for a point of
 *   small order, under which signatures hold that nobody has made (RFC 8032 §8.6 leaves them to the verifier).
 */
export function assertSoundPoint(bytes: Uint8Array): void {
  const littleEndian = Buffer.from(bytes.toReversed()).toString("hex");
  // The highest bit is the sign of the other coordinate.
  const y = BigInt.asUintN(255, BigInt(`0x${littleEndian}`));
  if (y >= p || smallOrder.has(y)) throw new TypeError("the Ed25519 key is not a point that can be trusted");
}
