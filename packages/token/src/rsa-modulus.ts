/** Whether the numbers of an RSA key are fit for use, as far as that can be told without factoring. */

/** The primes from 3 to 167. */
const smallPrimes: readonly bigint[] = (() => {
  const primes: number[] = [];
  for (let candidate = 3; candidate <= 167; candidate += 2) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes.map(BigInt);
})();

/**
 * @throws TypeError for a modulus below 2,048 bits (RFC 7518 §3.3), above 16,384 bits (verification would take too
 *   long), with a small factor, or with the fingerprint of ROCA; for an exponent that is even, below 65,537
 *   or above 64 bits.
 */
export function assertSoundModulus(modulus: Uint8Array, exponent: Uint8Array): void {
  const n = toInteger(modulus);
  const bits = n.toString(2).length;
  if (bits < 2048) throw new TypeError("an RSA modulus must have at least 2048 bits (RFC 7518 §3.3)");
  if (bits > 16_384) throw new TypeError("an RSA modulus must have at most 16384 bits");
  if (exponent.length > 8) throw new TypeError("an RSA exponent must have at most 64 bits");
  const e = toInteger(exponent);
  if (e < 65_537n || e % 2n === 0n) throw new TypeError("an RSA exponent must be odd and at least 65537");
  if (n % 2n === 0n || smallPrimes.some((prime) => n % prime === 0n)) {
    throw new TypeError("an RSA modulus must not have a small factor");
  }
  if (hasRocaFingerprint(n))
    throw new TypeError("the RSA key was made by a broken generator (CVE-2017-15361)");
}

/**
 * The fingerprint of the generator behind ROCA (Nemec et al., CCS 2017, §2): its primes are k·M + 65537^a mod M with M a
 * primorial, so the modulus is a power of 65,537 modulo every small prime. An honest modulus is so with probability
 * below 2^-27.
 */
function hasRocaFingerprint(n: bigint): boolean {
  return smallPrimes.every((prime) => powersOf65537(prime).has(n % prime));
}

/** The subgroup that 65,537 generates modulo a prime. */
function powersOf65537(prime: bigint): ReadonlySet<bigint> {
  const powers = new Set<bigint>();
  for (let power = 1n; !powers.has(power); power = (power * 65_537n) % prime) powers.add(power);
  return powers;
}

type RsaMember = "n" | "d" | "p" | "q" | "dp" | "dq" | "qi";

/**
 * A runtime may sign with the primes and never look at `d`, or fall back to `d` where the primes lead nowhere.
 *
 * @throws TypeError unless all numbers of the private key belong together (RFC 8017 §3.2).
 */
export function assertPrivateNumbers(bytesOf: (name: RsaMember) => Uint8Array): void {
  const number = (name: RsaMember): bigint => toInteger(bytesOf(name));
  const [d, p, q] = [number("d"), number("p"), number("q")];
  const belongTogether =
    p > 1n &&
    q > 1n &&
    p * q === number("n") &&
    d % (p - 1n) === number("dp") &&
    d % (q - 1n) === number("dq") &&
    (q * number("qi")) % p === 1n;
  if (!belongTogether) throw new TypeError("the private numbers of the RSA key do not belong together");
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}
