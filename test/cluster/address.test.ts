import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, keyOfBytes, toAddress } from '../../src/cluster/address.ts';

test.each([
  ['10.1.0.1', '10.1.0.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['FD00:0:0::1', 'fd00::1'],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
])('%s is the address %s, by its key and by its octets too', (text, canonical) => {
  const address = toAddress(text);
  expect(address?.text).toBe(canonical);
  const key = keyOfBytes(address?.bytes ?? new Uint8Array());
  expect(key).toBe(address?.key);
  expect(addressOf(key).bytes).toEqual(address?.bytes);
});

test.each([
  '',
  '10.1.0',
  '10.1.0.1.',
  '10.1.0.1.2',
  '10.1.0.01',
  '10.1.0.256',
  '1o.1.0.1',
  'fe80::1%eth0',
  'None',
])('"%s" is none', (text) => {
  expect(toAddress(text)).toBeUndefined();
});

test('what counts as IPv4 is what Node takes for it', () => {
  const nearly = fc.array(fc.constantFrom('.', '0', '1', '2', '5', '25', '255', '10', 'x', ' '), {
    maxLength: 9,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV4(),
        nearly.map((parts) => parts.join('')),
      ),
      (text) => {
        expect(toAddress(text)?.text).toBe(isIPv4(text) ? text : undefined);
      },
    ),
  );
});
