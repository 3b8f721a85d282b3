/** Addresses of cluster objects: a hundred thousand are kept, of which few are ever asked for. */
import { formatAddress, parseAddress } from '../dns/address.ts';
import type { AddressKey, KeyedAddress } from './objects.ts';

const NO_BYTES = new Uint8Array();

/** Only its key until its octets are wanted: a `Uint8Array` takes ten times as much. */
class StoredAddress implements KeyedAddress {
  readonly key: AddressKey;
  #bytes: Uint8Array | undefined;

  constructor(key: AddressKey) {
    this.key = key;
  }

  get text(): string {
    return typeof this.key === 'string' ? this.key : ipv4Text(this.key);
  }

  get bytes(): Uint8Array {
    this.#bytes ??= bytesOf(this.key);
    return this.#bytes;
  }
}

/** The address that a text says, or undefined where it says none. */
export function toAddress(text: string): KeyedAddress | undefined {
  const key = ipv4Key(text) ?? ipv6Key(text);
  return key === undefined ? undefined : new StoredAddress(key);
}

export function addressOf(key: AddressKey): KeyedAddress {
  return new StoredAddress(key);
}

/** @param address 4 or 16 octets */
export function keyOfBytes(address: Uint8Array): AddressKey {
  if (address.length !== 4) return formatAddress(address);
  const [a = 0, b = 0, c = 0, d = 0] = address;
  return (a << 24) | (b << 16) | (c << 8) | d;
}

export function isIPv6({ key }: KeyedAddress): boolean {
  return typeof key === 'string';
}

const DOT = 0x2e;
const ZERO = 0x30;

/** Four decimal numbers without leading zeros (as `isIPv4` of Node has it), read without a list of them in between. */
function ipv4Key(text: string): number | undefined {
  let key = 0;
  let at = 0;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text.charCodeAt(at++) !== DOT) return undefined;
    const begin = at;
    let octet = 0;
    for (
      let digit = text.charCodeAt(at) - ZERO;
      digit >= 0 && digit <= 9;
      digit = text.charCodeAt(at) - ZERO
    ) {
      octet = octet * 10 + digit;
      at++;
      if (octet > 255 || at - begin > 3) return undefined;
    }
    if (at === begin || (at - begin > 1 && text.charCodeAt(begin) === ZERO)) return undefined;
    key = (key << 8) | octet;
  }
  return at === text.length ? key : undefined;
}

function ipv6Key(text: string): string | undefined {
  const bytes = text.includes(':') ? parseAddress(text) : undefined;
  return bytes && formatAddress(bytes);
}

function ipv4Text(key: number): string {
  return `${key >>> 24}.${(key >>> 16) & 255}.${(key >>> 8) & 255}.${key & 255}`;
}

function bytesOf(key: AddressKey): Uint8Array {
  if (typeof key === 'string') return parseAddress(key) ?? NO_BYTES;
  return Uint8Array.of(key >>> 24, key >>> 16, key >>> 8, key);
}
