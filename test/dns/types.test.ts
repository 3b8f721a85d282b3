import { describe, expect, it } from 'vitest';
import {
  className,
  classNumber,
  formatAddress,
  parseAddress,
  rcodeName,
  typeName,
  typeNumber,
} from '../../src/dns/index.ts';

describe('mnemonics', () => {
  it.each([
    ['A', 1],
    ['HTTPS', 65],
    ['CAA', 257],
    ['SSHFP', 44],
    ['NSAP-PTR', 23],
    ['TYPE731', 731],
    ['TYPE65535', 65_535],
  ])('type %s is %i', (text, number) => {
    expect(typeNumber(text)).toBe(number);
    expect(typeNumber(text.toLowerCase())).toBe(number);
    expect(typeName(number)).toBe(text);
  });

  it.each(['', 'B', 'TYPE', 'TYPE65536', 'TYPE-1', 'TYPE1e3', 'TYPE 1', 'toString', '1'])(
    'no type: %j',
    (text) => {
      expect(typeNumber(text)).toBeUndefined();
    },
  );

  it('reads a known type by its number', () => {
    expect(typeNumber('TYPE1')).toBe(1);
    expect(typeName(1)).toBe('A');
  });

  it.each([
    ['IN', 1],
    ['CH', 3],
    ['ANY', 255],
    ['CLASS32', 32],
  ])('class %s is %i', (text, number) => {
    expect(classNumber(text)).toBe(number);
    expect(className(number)).toBe(text);
  });

  it('names rcodes, and numbers those without a name', () => {
    expect([0, 3, 16, 23, 3000].map(rcodeName)).toEqual([
      'NOERROR',
      'NXDOMAIN',
      'BADVERS',
      'BADCOOKIE',
      '3000',
    ]);
  });
});

describe('addresses', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is written %s', (text, printed) => {
    const address = parseAddress(text) ?? new Uint8Array(0);
    expect(formatAddress(address)).toBe(printed);
  });

  it.each(['', '10.0.0', '10.0.0.256', '010.0.0.1', '10.0.0.1/8', 'fe80::1%eth0', ':::', 'a'])(
    'no address: %j',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );
});
