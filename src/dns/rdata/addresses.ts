/** IP addresses in rdata (RFC 1035 §3.4.1, RFC 3596 §2.2). */
import { formatAddress, parseAddress } from '../address.ts';
import { PresentationError, WireError } from '../errors.ts';
import type { Field } from './field.ts';

export const ipv4 = addressField(4);
export const ipv6 = addressField(16);

function addressField(length: 4 | 16): Field<Uint8Array> {
  return {
    read: (reader) => reader.octets(length),
    write: (writer, value) => {
      if (value.length !== length) throw new WireError(`an address of ${value.length} octets, not ${length}`);
      writer.octets(value);
    },
    print: formatAddress,
    parse: (tokens) => parseAddressOf(length, tokens.next('an address').text),
  };
}

/** @throws {PresentationError} no address of that many octets */
export function parseAddressOf(length: 4 | 16, text: string): Uint8Array {
  const address = parseAddress(text);
  if (address?.length !== length) {
    throw new PresentationError(`"${text}" is not an IPv${length === 4 ? 4 : 6} address`);
  }
  return address;
}
