/** `struct mmsghdr` and `struct iovec` as 64-bit Linux has them: what `recvmmsg` and `sendmmsg` take arrays of. */

export const HEADER = {
  bytes: 64,
  nameAt: 0,
  nameLengthAt: 8,
  iovecAt: 16,
  iovecCountAt: 24,
  controlAt: 32,
  controlLengthAt: 40,
  /** Octets of the datagram. */
  lengthAt: 56,
} as const;

export const IOVEC = { bytes: 16, baseAt: 0, lengthAt: 8 } as const;

export const MSG_DONTWAIT = 0x40;

const WORD_RANGE = 2 ** 32;

/** Writes addresses within a buffer into it. */
export class Pointers {
  readonly #words: Int32Array;
  readonly #low: number;
  readonly #high: number;

  /** @param address of the buffer */
  constructor(words: Int32Array, address: bigint) {
    this.#words = words;
    this.#low = Number(BigInt.asUintN(32, address));
    this.#high = Number(address >> 32n);
  }

  /** @param at octets, a multiple of four, where the address of the octet `target` is written */
  write(at: number, target: number): void {
    const low = this.#low + target;
    this.#words[at >> 2] = low | 0;
    this.#words[(at >> 2) + 1] = low < WORD_RANGE ? this.#high : this.#high + 1;
  }
}
