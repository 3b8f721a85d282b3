/** Copies of octets, many in one block of memory: a block for each costs more than all the rest of a short message. */
import { limits } from '../../limits.ts';

/** V8 has arrays of so few octets on its own heap, where a new one costs least. */
const ON_HEAP_BYTES = 64;

let block = new ArrayBuffer(0);
let used = 0;

/** So many octets, from `from` on: nobody else has the result, though its `buffer` is shared. */
export function pooledCopy(bytes: Uint8Array, length: number, from = 0): Uint8Array {
  if (length <= ON_HEAP_BYTES || length > limits.pooledMessageBytes) return bytes.slice(from, from + length);
  if (used + length > block.byteLength) {
    block = new ArrayBuffer(limits.messagePoolBytes);
    used = 0;
  }
  const copy = new Uint8Array(block, used, length);
  used += length;
  copy.set(bytes.subarray(from, from + length));
  return copy;
}
