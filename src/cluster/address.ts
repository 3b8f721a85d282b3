/** Addresses of cluster objects: a hundred thousand are kept, of which few are ever asked for. */
import { formatAddress, parseAddress } from '../dns/address.ts';
import type { Address } from './objects.ts';

const NO_BYTES = new Uint8Array();

/** Only text until its octets are wanted: a `Uint8Array` takes four times as much. */
class StoredAddress implements Address {
  readonly text: string;
  #bytes: Uint8Array | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= parseAddress(this.text) ?? NO_BYTES;
    return this.#bytes;
  }
}

/** The address that a text says, or undefined where it says none. */
export function toAddress(text: string): Address | undefined {
  const bytes = parseAddress(text);
  return bytes && new StoredAddress(formatAddress(bytes));
}

export function isIPv6({ text }: Address): boolean {
  return text.includes(':');
}
