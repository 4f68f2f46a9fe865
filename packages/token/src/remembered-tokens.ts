/** A bounded memory of tokens that have verified. */

/** Two generations: when the younger is full it becomes the older, and what was older is forgotten. */
export class RememberedTokens<Entry extends { readonly token: string }> {
  readonly #generationSize: number;
  #younger = new Map<string, Entry>();
  #older = new Map<string, Entry>();

  /** Holds at most `capacity` tokens, and of those used last at least half as many. */
  constructor(capacity: number) {
    this.#generationSize = Math.max(1, Math.floor(capacity / 2));
  }

  /** What was remembered for exactly this token. */
  find(token: string): Entry | undefined {
    const name = nameOf(token);
    const young = this.#younger.get(name);
    if (young !== undefined) return young.token === token ? young : undefined;
    const old = this.#older.get(name);
    if (old === undefined || old.token !== token) return undefined;
    this.#insert(name, old);
    return old;
  }

  remember(entry: Entry): void {
    this.#insert(nameOf(entry.token), entry);
  }

  #insert(name: string, entry: Entry): void {
    if (this.#younger.size >= this.#generationSize) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(name, entry);
  }
}

/**
 * The last 12 characters of the signature: 72 bits that nobody can choose. To hash a fresh string takes time in
 * proportion to its length, to compare it with another hardly any; so the whole token is compared, not hashed.
 */
function nameOf(token: string): string {
  return token.slice(-12);
}
