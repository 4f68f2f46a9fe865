/** A bounded memory of tokens that have verified. */

/** Places in a row, whose prints share a cache line. */
const ways = 8;

/**
 * What was made of tokens, for those that come again.
 *
 * A table of fixed size rather than a `Map`: a look-up in it touches less memory, and under load it is memory that
 * takes time. A token's row follows from its signature, which nobody can choose; in a full row each newcomer takes
 * the place of another.
 *
 * A token is remembered when it is told a second time. To keep what is never asked for again costs more than to verify
 * it, as token and claims outlive the young generation of the garbage collector; of a token told once only a print of
 * 32 bits is kept.
 */
export class RememberedTokens<Entry extends { readonly token: string }> {
  readonly #lastRow: number;
  readonly #prints: Int32Array;
  readonly #entries: (Entry | undefined)[];
  readonly #printsOfFirstTimes: Int32Array;
  #turn = 0;

  /**
   * With room for `capacity` tokens: about twice as many places, so that hardly any row is asked for more than it has.
   * The number of rows is a power of two.
   */
  constructor(capacity: number) {
    const rows = 2 ** Math.round(Math.log2(Math.max(1, (capacity * 2) / ways)));
    this.#lastRow = rows - 1;
    this.#prints = new Int32Array(rows * ways);
    this.#entries = Array.from({ length: rows * ways });
    this.#printsOfFirstTimes = new Int32Array(rows * ways);
  }

  /** What was remembered for exactly this token. */
  find(token: string): Entry | undefined {
    const place = placeOf(printOf(token), this.#prints, this.#rowOf(token));
    const entry = place === -1 ? undefined : this.#entries[place];
    // To hash a fresh string takes time in proportion to its length, to compare it with another hardly any.
    return entry?.token === token ? entry : undefined;
  }

  /** Only for tokens that have verified: whoever can forge none can fill nothing. */
  remember(entry: Entry): void {
    const print = printOf(entry.token);
    const row = this.#rowOf(entry.token);
    const placeOfFirstTime = placeOf(print, this.#printsOfFirstTimes, row);
    if (placeOfFirstTime === -1) {
      this.#printsOfFirstTimes[this.#freePlaceIn(this.#printsOfFirstTimes, row)] = print;
      return;
    }
    this.#printsOfFirstTimes[placeOfFirstTime] = free;
    const place = this.#freePlaceIn(this.#prints, row);
    this.#prints[place] = print;
    this.#entries[place] = entry;
  }

  #rowOf(token: string): number {
    return (bitsOf(token, 11) & this.#lastRow) * ways;
  }

  #freePlaceIn(prints: Int32Array, row: number): number {
    const place = placeOf(free, prints, row);
    if (place !== -1) return place;
    this.#turn = (this.#turn + 1) % ways;
    return row + this.#turn;
  }
}

/** The print of an empty place, and of no token. */
const free = 0;

/** The place of a print in the row that begins there, or -1. */
function placeOf(print: number, prints: Int32Array, row: number): number {
  for (let place = row; place < row + ways; place += 1) if (prints[place] === print) return place;
  return -1;
}

function printOf(token: string): number {
  return bitsOf(token, 6) || 1;
}

/** Of five characters that begin so far from a token's end, in its signature, a number (FNV-1a). Its last one has few bits. */
function bitsOf(token: string, fromEnd: number): number {
  const start = token.length - fromEnd;
  let bits = 0;
  for (let index = start; index < start + 5; index += 1)
    bits = Math.imul(bits ^ token.charCodeAt(index), 0x01000193);
  return bits;
}
