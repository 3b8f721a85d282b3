/** Text of the values of service parameters (RFC 9460 §7 and §8, appendix A). */
import { formatAddress } from '../address.ts';
import { PresentationError } from '../errors.ts';
import { formatBase64, parseBase64 } from '../text/digits.ts';
import { quoted, unescapeText } from '../text/escape.ts';
import { parseAddressOf } from './addresses.ts';
import { parseNumber } from './numbers.ts';
import { keyName, keyNumber, SvcKey } from './svckeys.ts';

interface SvcValue {
  /** undefined where the octets are no value of this key. */
  print(value: Uint8Array): string | undefined;
  /** @throws {PresentationError} */
  parse(text: string): Uint8Array;
}

const mandatory: SvcValue = {
  print: (value) => {
    const keys = u16List(value);
    const ascending = keys?.every((key, i) => key > (keys[i - 1] ?? 0));
    return ascending === true ? keys?.map(keyName).join(',') : undefined;
  },
  parse: (text) => {
    const keys = text.split(',').map(mandatoryKey);
    keys.sort((a, b) => a - b);
    // RFC 9460 §8: no key twice, and never `mandatory` itself.
    if (keys.some((key, i) => key === SvcKey.mandatory || key === keys[i + 1])) {
      throw new PresentationError(`"${text}" is no list of mandatory parameters`);
    }
    return Uint8Array.from(keys.flatMap((key) => [key >> 8, key & 0xff]));
  },
};

function mandatoryKey(name: string): number {
  const key = keyNumber(name);
  if (key === undefined) throw new PresentationError(`unknown parameter "${name}"`);
  return key;
}

function u16List(value: Uint8Array): number[] | undefined {
  if (value.length === 0 || value.length % 2 !== 0) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  return Array.from({ length: value.length / 2 }, (_, i) => view.getUint16(2 * i));
}

/** The keys in a value of `mandatory`; none where it is no such value. */
export function mandatoryKeys(value: Uint8Array | undefined): readonly number[] {
  return (value === undefined ? undefined : u16List(value)) ?? [];
}

const COMMA = 0x2c;
const BACKSLASH = 0x5c;

const alpn: SvcValue = {
  print: (value) => {
    const joined: number[] = [];
    for (let at = 0; at < value.length; ) {
      const length = value[at] ?? 0;
      const id = value.subarray(at + 1, at + 1 + length);
      if (length === 0 || id.length !== length) return undefined;
      if (at > 0) joined.push(COMMA);
      // RFC 9460 appendix A.1: within a list a comma and a backslash bear a backslash of their own.
      for (const octet of id) {
        if (octet === COMMA || octet === BACKSLASH) joined.push(BACKSLASH);
        joined.push(octet);
      }
      at += 1 + length;
    }
    return joined.length === 0 ? undefined : quoted(Uint8Array.from(joined));
  },
  parse: (text) => {
    const octets: number[] = [];
    for (const id of splitList(unescapeText(text))) {
      if (id.length === 0 || id.length > 255) throw new PresentationError(`"${text}" is no list of ALPN ids`);
      octets.push(id.length, ...id);
    }
    return Uint8Array.from(octets);
  },
};

/** RFC 9460 appendix A.1: items between commas, where a backslash takes the meaning from the octet behind it. */
function splitList(octets: Uint8Array): number[][] {
  let item: number[] = [];
  const items = [item];
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i] ?? 0;
    if (octet === COMMA) {
      item = [];
      items.push(item);
    } else {
      if (octet === BACKSLASH) i++;
      const plain = octets[i];
      if (plain === undefined) throw new PresentationError('list ends in a backslash');
      item.push(plain);
    }
  }
  return items;
}

const noDefaultAlpn: SvcValue = {
  print: (value) => (value.length === 0 ? '' : undefined),
  parse: () => {
    throw new PresentationError('no-default-alpn has no value');
  },
};

const port: SvcValue = {
  print: (value) => (value.length === 2 ? u16List(value)?.join() : undefined),
  parse: (text) => {
    const number = parseNumber(text, 0xffff);
    return Uint8Array.of(number >> 8, number & 0xff);
  },
};

const ech: SvcValue = {
  print: (value) => formatBase64(value) || undefined,
  parse: parseBase64,
};

function hint(length: 4 | 16): SvcValue {
  return {
    print: (value) => {
      if (value.length === 0 || value.length % length !== 0) return undefined;
      const count = value.length / length;
      const addresses = Array.from({ length: count }, (_, i) => value.subarray(i * length, (i + 1) * length));
      return addresses.map(formatAddress).join(',');
    },
    parse: (text) =>
      Uint8Array.from(text.split(',').flatMap((address) => [...parseAddressOf(length, address)])),
  };
}

const values = [mandatory, alpn, noDefaultAlpn, port, hint(4), ech, hint(16)];

/** Text of a value, quoted where it may hold anything; '' for none; undefined where it breaks the form of its key. */
export function printSvcValue(key: number, value: Uint8Array): string | undefined {
  const known = values[key];
  if (known !== undefined) return known.print(value);
  return value.length === 0 ? '' : quoted(value);
}

/**
 * The octets of `text` as the value of the key that was written as `name`.
 * @throws {PresentationError}
 */
export function parseSvcValue(key: number, name: string, text: string): Uint8Array {
  const known = name === keyName(key) ? values[key] : undefined;
  // RFC 9460 §2.1: `key123` takes octets as they are, also for a key that has a name.
  if (known === undefined) return unescapeText(text);
  if (key === SvcKey.noDefaultAlpn && text === '') return new Uint8Array(0);
  if (text === '') throw new PresentationError(`parameter ${name} needs a value`);
  return known.parse(text);
}
