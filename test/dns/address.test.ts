import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../src/dns/index.ts';

describe('an address in text', () => {
  it.each([
    // RFC 5952 §4: no leading zeros, the longest run of zeros, the first of two, never a single one; lower case.
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['0:0:1:2:0:0:3:4', '::1:2:0:0:3:4'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
    ['0:0:3:4:5:6:7:8', '::3:4:5:6:7:8'],
    ['::', '::'],
    ['::1', '::1'],
    ['::ffff:0a00:0001', '::ffff:10.0.0.1'],
    ['::fffe:0a00:0001', '::fffe:a00:1'],
    ['10.0.0.255', '10.0.0.255'],
  ])('%s is %s', (text, expected) => {
    expect(formatAddress(parseAddress(text) ?? new Uint8Array())).toBe(expected);
  });

  it('is what another library makes of the octets, and says them', () => {
    const octet = fc.oneof(
      fc.constant(0),
      fc.constant(0),
      fc.integer({ min: 0, max: 255 }),
      fc.constant(255),
    );
    const octets = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const sparse = fc.array(octet, { minLength: 16, maxLength: 16 }).map((values) => Uint8Array.from(values));
    fc.assert(
      fc.property(fc.oneof(octets, sparse), (bytes) => {
        const address = ipaddr.fromByteArray([...bytes]) as ipaddr.IPv6;
        const mapped = address.isIPv4MappedAddress();
        expect(formatAddress(bytes)).toBe(
          mapped ? `::ffff:${address.toIPv4Address()}` : address.toRFC5952String(),
        );
        expect(parseAddress(formatAddress(bytes))).toEqual(bytes);
      }),
    );
  });
});
