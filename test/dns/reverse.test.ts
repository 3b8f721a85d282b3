import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOfReverseName, formatAddress, Name, reverseName } from '../../src/dns/index.ts';

const NIBBLES = 'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2';

function addressOf(name: string): string | undefined {
  const address = addressOfReverseName(Name.fromText(name));
  return address === undefined ? undefined : formatAddress(address);
}

describe('a reverse name', () => {
  it.each([
    ['4.3.2.1.in-addr.arpa', '1.2.3.4'],
    ['255.0.10.100.IN-ADDR.Arpa.', '100.10.0.255'],
    [`${NIBBLES}.ip6.arpa`, '2001:db8::567:89ab'],
    [`${NIBBLES.toUpperCase()}.IP6.ARPA`, '2001:db8::567:89ab'],
  ])('%s is %s', (name, address) => {
    expect(addressOf(name)).toBe(address);
  });

  it.each([
    '.',
    'arpa',
    'in-addr.arpa',
    '3.2.1.in-addr.arpa',
    '5.4.3.2.1.in-addr.arpa',
    '4.3.2.256.in-addr.arpa',
    '4.3.2.01.in-addr.arpa',
    '4.3.2.00.in-addr.arpa',
    '4.3.2.1000.in-addr.arpa',
    '4.3.2.a.in-addr.arpa',
    '4.3.2.1.in-addr.arpa.example',
    '4.3.2.1.xin-addr.arpa',
    '4.3.2\\.1.in-addr.arpa',
    '4.3.2.1\\007in-addr.arpa',
    'ip6.arpa',
    `${NIBBLES.slice(2)}.ip6.arpa`,
    `0.${NIBBLES}.ip6.arpa`,
    `g${NIBBLES.slice(1)}.ip6.arpa`,
    `ba${NIBBLES.slice(3)}.ip6.arpa`,
    `${NIBBLES}.ip6.example`,
  ])('%s is none', (name) => {
    expect(addressOf(name)).toBeUndefined();
  });

  it('comes back to every address', () => {
    const address = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(address, (octets) => {
        expect(addressOfReverseName(reverseName(octets))).toEqual(octets);
      }),
    );
  });

  it('is written as dig -x writes it', () => {
    expect(String(reverseName(Uint8Array.of(1, 2, 3, 40)))).toBe('40.3.2.1.in-addr.arpa.');
    expect(
      String(reverseName(addressOfReverseName(Name.fromText(`${NIBBLES}.ip6.arpa`)) ?? new Uint8Array(0))),
    ).toBe(`${NIBBLES}.ip6.arpa.`);
  });
});
