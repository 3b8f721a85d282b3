/** The body of a response, put together. */

const FIRST_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** Octets that come in pieces. It is filled anew page after page: as much memory for each would be given back late. */
export class Body {
  #octets: Buffer<ArrayBuffer> = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What has come, until it is filled anew. */
  get octets(): Buffer {
    return this.#octets.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Gives the memory back at once; the collector would come for it much later. */
  release(): void {
    if (this.#octets !== NOTHING) this.#octets.buffer.transfer(0);
    this.#octets = NOTHING;
    this.#length = 0;
  }

  add(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (length > this.#octets.length) {
      const larger = Buffer.alloc(Math.max(FIRST_BYTES, 2 * this.#octets.length, length));
      larger.set(this.octets);
      this.#octets = larger;
    }
    this.#octets.set(piece, this.#length);
    this.#length = length;
  }
}
