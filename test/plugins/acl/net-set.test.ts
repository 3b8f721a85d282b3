import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress } from '../../../src/dns/address.ts';
import { NetSet, parseSubnet, type Subnet } from '../../../src/plugins/acl/net-set.ts';

function subnet(text: string): Subnet {
  const parsed = parseSubnet(text);
  if (parsed === undefined) throw new Error(`${text} is no subnet`);
  return parsed;
}

function has(nets: readonly string[], address: string): boolean {
  const family = address.includes(':') ? 6 : 4;
  return new NetSet(nets.map(subnet)).has({ address, port: 1, family });
}

test.each<[nets: string[], address: string, expected: boolean]>([
  [['10.0.0.0/8'], '10.255.0.1', true],
  [['10.0.0.0/8'], '11.0.0.1', false],
  [['10.1.2.3/8'], '10.9.9.9', true],
  [['10.1.2.3'], '10.1.2.3', true],
  [['10.1.2.3'], '10.1.2.4', false],
  [['0.0.0.0/0'], '192.0.2.1', true],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['::/0'], '2001:db8::1', true],
  [['::/0'], '192.0.2.1', false],
  [['::/64'], '192.0.2.1', false],
  [['2001:db8::1'], '2001:db8::1', true],
  [['2001:db8::1'], '2001:db8::2', false],
  [['fe80::/10'], 'fe80::1%eth0', true],
  [['::ffff:10.0.0.0/104'], '10.1.1.1', true],
  [['::ffff:10.0.0.0/104'], '11.1.1.1', false],
  [['0:0:0:0:0:ffff:0a00:0001'], '10.0.0.1', true],
  [['10.0.0.0/8', '10.1.0.0/16', '10.0.0.0/16'], '10.200.0.1', true],
  [['255.255.255.255', '0.0.0.0'], '255.255.255.255', true],
  [['255.255.255.255', '0.0.0.0'], '0.0.0.0', true],
  [['255.255.255.255', '0.0.0.0'], '0.0.0.1', false],
  [['10.0.0.0/8', '2001:db8::/32', '192.0.2.7'], '192.0.2.7', true],
  [['10.0.0.0/8', '2001:db8::/32', '192.0.2.7'], '2001:db8:1::', true],
  [[], '10.0.0.1', false],
])('%j has %s: %s', (nets, address, expected) => {
  expect(has(nets, address)).toBe(expected);
});

test.each([
  ...['', '/', '10.0.0.0/', '10.0.0.0/33', '10.0.0/8', '010.0.0.0/8', '10.0.0.0/8/8', '10.0.0.0/-1', 'x'],
  ...['10.0.0.0/1.5', '::/129', 'fe80::1%eth0', 'fe80::%eth0/10', '*', 'example.org'],
])('%j is no subnet', (text) => {
  expect(parseSubnet(text)).toBeUndefined();
});

const bitsOf = (octets: Uint8Array) =>
  [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('');

test.each([4, 16])('addresses of %i octets are in the subnets whose first bits they share', (length) => {
  // Few different octets, so that many addresses share their first bits.
  const octets = fc
    .array(fc.constantFrom(0x20, 0x21, 0x80, 0xff), { minLength: length, maxLength: length })
    .map((numbers) => Uint8Array.from(numbers));
  const nets = fc.array(fc.record({ octets, bits: fc.nat(length * 8) }), { maxLength: 5 });
  fc.assert(
    fc.property(octets, nets, (address, subnets) => {
      const texts = subnets.map((net) => `${formatAddress(net.octets)}/${net.bits}`);
      const expected = subnets.some((net) =>
        bitsOf(address).startsWith(bitsOf(net.octets).slice(0, net.bits)),
      );
      expect(has(texts, formatAddress(address))).toBe(expected);
    }),
  );
});
