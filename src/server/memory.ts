/** A piece of memory, by octets and by words: most of what passes from place to place is copied faster by words. */
export interface Memory {
  readonly octets: Uint8Array;
  readonly words: Int32Array;
}

/** @param at octets from the buffer's start, a multiple of four */
export function memoryOf(buffer: ArrayBuffer | SharedArrayBuffer, at = 0): Memory {
  return { octets: new Uint8Array(buffer, at), words: new Int32Array(buffer, at) };
}

/** @param fromAt words, as `toAt` and `count` */
export function copyWords(
  from: Int32Array,
  fromAt: number,
  to: Int32Array,
  toAt: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i] as number;
}

/** Words that hold so many octets. */
export function wordsFor(octets: number): number {
  return (octets + 3) >> 2;
}
