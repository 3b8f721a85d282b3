/** Every type in both of its forms: the text on the left is the octets on the right. */
import { describe, expect, it } from 'vitest';
import {
  decodeMessage,
  encodeMessage,
  formatRecord,
  PresentationError,
  parseRecord,
  WireError,
} from '../../src/dns/index.ts';
import { COMPRESSED, hex, raw, reply, toHex, WHOLE } from './messages.ts';

const FOO = "03'foo'07'example'03'com'00";
const FOO_ORG = "03'foo'07'example'03'org'00";
/** RFC 4034 §3.3. */
const SIGNATURE =
  'oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTrPYGv07h108dUKGMeDPKijVCHX3DDKdfb+v6oB9wfuh3DTJXUAfI/M0zmO/zz8bW0Rznl8O3tGNazPwQKkRN20XPXV6nwwfoXmJQbsLNrLfkGJ5D6fwFm8nN+6pBzeDQfsS3Ap3o=';
const SIGNATURE_HEX = toHex(Buffer.from(SIGNATURE, 'base64'));

const forms: [source: string, text: string, wire: string][] = [
  ['RFC 1035 §3.4.1', 'A 10.0.0.1', '0a000001'],
  ['RFC 3596 §2.2', 'AAAA 2001:db8::1', '20010db8 00000000 00000000 00000001'],
  ['RFC 1035 §3.3.11', 'NS foo.example.com.', FOO],
  ['RFC 1035 §3.3.1', 'CNAME Foo.example.com.', "03'Foo'07'example'03'com'00"],
  ['RFC 1035 §3.3.12', 'PTR .', '00'],
  ['RFC 6672 §2.1', 'DNAME foo.example.com.', FOO],
  [
    'RFC 1035 §3.3.13',
    'SOA foo.example.com. a\\.b. 4294967295 7200 1800 86400 5',
    `${FOO} 03'a.b'00 ffffffff 00001c20 00000708 00015180 00000005`,
  ],
  ['RFC 1035 §3.3.3', 'MB foo.example.com.', FOO],
  ['RFC 1035 §3.3.4', 'MD foo.example.com.', FOO],
  ['RFC 1035 §3.3.5', 'MF foo.example.com.', FOO],
  ['RFC 1035 §3.3.6', 'MG foo.example.com.', FOO],
  ['RFC 1035 §3.3.7', 'MINFO foo.example.com. .', `${FOO} 00`],
  ['RFC 1035 §3.3.8', 'MR foo.example.com.', FOO],
  ['RFC 1035 §3.3.9', 'MX 65535 foo.example.com.', `ffff ${FOO}`],
  ['RFC 1035 §3.3.14', 'TXT "one" "" "t w\\"o\\\\\\000\\255;"', `03'one' 00 09 't w"o' 5c 00 ff ';'`],
  ['RFC 1035 §3.3.2', 'HINFO "PC" "Linux 6"', "02'PC' 07'Linux 6'"],
  ['RFC 2782', 'SRV 1 2 8080 foo.example.com.', `0001 0002 1f90 ${FOO}`],
  [
    'RFC 3403 §6.1',
    'NAPTR 100 50 "a" "z3950+N2L" "!^urn:(.+)$!\\\\1!" foo.example.com.',
    `0064 0032 01'a' 09'z3950+N2L' 0f'!^urn:(.+)$!' 5c '1!' ${FOO}`,
  ],
  ['RFC 8659 §4.1', 'CAA 128 issue "ca.example; a=1"', "80 05'issue' 'ca.example; a=1'"],
  ['RFC 8659 §4.3', 'CAA 0 issuewild ""', "00 09'issuewild'"],
  [
    'RFC 4034 §5.4',
    'DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118',
    'ec45 05 01 2bb183af5f22588179a53b0a98631fad1a292118',
  ],
  ['RFC 4034 §2.1', 'DNSKEY 256 3 5 AQPSKmynfzW4', '0100 03 05 0103d22a6ca77f35b8'],
  [
    'RFC 4034 §3.3',
    `RRSIG A 5 3 86400 20030322173103 20030220173103 2642 example.com. ${SIGNATURE}`,
    `0001 05 03 00015180 3e7c9dd7 3e5510d7 0a52 07'example'03'com'00 ${SIGNATURE_HEX}`,
  ],
  [
    'RFC 4034 §4.3',
    'NSEC host.example.com. A MX RRSIG NSEC TYPE1234',
    `04'host'07'example'03'com'00 0006 400100000003 041b ${'00'.repeat(26)} 20`,
  ],
  ['RFC 6840 §6.4, no type', 'NSEC foo.example.com.', FOO],
  [
    'RFC 5155 appendix A',
    'NSEC3 1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR NS SOA MX RRSIG DNSKEY NSEC3PARAM',
    '01 01 000c 04aabbccdd 14 174eb2409fe28bcb4887a1836f957f0a8425e27b 0007 22010000000290',
  ],
  ['RFC 5155 §3.3, no salt', 'NSEC3 1 0 0 - 04', '01 00 0000 00 01 01'],
  ['RFC 9460 D.1', 'HTTPS 0 foo.example.com.', `0000 ${FOO}`],
  ['RFC 9460 D.2', 'SVCB 1 .', '0001 00'],
  ['RFC 9460 D.2', 'SVCB 16 foo.example.com. port=53', `0010 ${FOO} 0003 0002 0035`],
  ['RFC 9460 D.2', 'SVCB 1 foo.example.com. key667="hello"', `0001 ${FOO} 029b 0005 'hello'`],
  [
    'RFC 9460 D.2',
    'SVCB 1 foo.example.com. key667="hello\\210qoo"',
    `0001 ${FOO} 029b 0009 'hello' d2 'qoo'`,
  ],
  [
    'RFC 9460 D.2',
    'SVCB 1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1',
    `0001 ${FOO} 0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001`,
  ],
  [
    'RFC 9460 D.2',
    'SVCB 16 foo.example.org. mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1',
    `0010 ${FOO_ORG} 0000 0004 0001 0004 0001 0009 02'h2' 05'h3-19' 0004 0004 c0000201`,
  ],
  [
    'RFC 9460 D.2',
    String.raw`SVCB 16 foo.example.org. alpn="f\\\\oo\\,bar,h2"`,
    `0010 ${FOO_ORG} 0001 000c 08 'f' 5c 'oo,bar' 02'h2'`,
  ],
  [
    'RFC 9460 §7',
    'HTTPS 1 . alpn="h3" no-default-alpn ech=AAEC key7',
    "0001 00 0001 0003 02'h3' 0002 0000 0005 0003 000102 0007 0000",
  ],
  ['RFC 3597 §5', 'TYPE731 \\# 6 ABCDEF012345', 'abcdef012345'],
  ['RFC 3597 §5', 'SSHFP \\# 0', ''],
];

describe('a record of class IN', () => {
  it.each(forms)('%s: %s', (_, text, wire) => {
    const [type = '', ...rdata] = text.split(' ');
    const line = `foo.example.com.\t60\tIN\t${type}\t${rdata.join(' ')}`;
    const record = parseRecord(line);
    expect(formatRecord(record)).toBe(line);
    const bytes = encodeMessage(reply({ answer: [record] }), WHOLE);
    expect(toHex(bytes.subarray(12 + 17 + 10))).toBe(toHex(hex(wire)));
    expect(decodeMessage(bytes).answer).toEqual([record]);
  });

  it.each(forms)('%s in the generic form: %s', (_, text, wire) => {
    const [type = ''] = text.split(' ');
    const octets = hex(wire);
    const record = parseRecord(`a. 60 ${type} \\# ${octets.length} ${toHex(octets)}`);
    expect(record.data).toEqual(parseRecord(`a. 60 ${text}`).data);
  });

  it.each(forms)('%s cut off, or with an octet too many: %s', (_, text, wire) => {
    const record = parseRecord(`. 60 ${text}`);
    if (record.data.kind === 'opaque') return;
    const length = hex(wire).length;
    const cut = raw(
      [0, 1, 0, 0],
      `00 ${type(record)} 0001 0000003c ${u16(length)} ${toHex(hex(wire).subarray(1))}`,
    );
    expect(() => decodeMessage(cut)).toThrow(WireError);
  });
});

function type(record: { type: number }): string {
  return u16(record.type);
}

function u16(value: number): string {
  return value.toString(16).padStart(4, '0');
}

describe('rdata on the wire', () => {
  it.each([
    ['A of 3 octets', '0001', '0a0000'],
    ['A of 5 octets', '0001', '0a00000100'],
    ['AAAA of 4 octets', '001c', '0a000001'],
    ['NS with an octet behind the name', '0002', '00 00'],
    ['CNAME whose name runs out', '0005', "03'foo'"],
    ['MX without a name', '000f', '0001'],
    ['TXT whose string runs out', '0010', "04'foo'"],
    ['HINFO with one string', '000d', "03'foo'"],
    ['SOA that ends before minimum', '0006', '00 00 00000001 00000002 00000003 00000004'],
    ['SRV without a target', '0021', '0001 0002 0003'],
    ['CAA whose tag runs out', '0101', "00 06'issue'"],
    ['NSEC3 whose hash runs out', '0032', '01 00 0000 00 02 01'],
    ['SVCB whose value runs out', '0040', '0001 00 0003 0002 35'],
    ['SVCB that ends in a key', '0040', '0001 00 0003'],
    ['RRSIG without a signer', '002e', '0001 05 03 00015180 3e7c9dd7 3e5510d7 0a52'],
  ])('refuses %s', (_, number, rdata) => {
    const length = u16(hex(rdata).length);
    // Octets behind the record must not be taken for its own.
    const bytes = raw(
      [0, 1, 0, 0],
      `00 ${number} 0001 0000003c ${length} ${toHex(hex(rdata))} ${'00'.repeat(40)}`,
    );
    expect(() => decodeMessage(bytes)).toThrow(WireError);
  });

  it('of a known type in another class is octets', () => {
    const record = parseRecord('a. 60 CH A \\# 3 010203');
    expect(record.data).toEqual({ kind: 'opaque', bytes: Uint8Array.of(1, 2, 3) });
    expect(decodeMessage(encodeMessage(reply({ answer: [record] }), WHOLE)).answer).toEqual([record]);
    expect(parseRecord('version.bind. 0 CH TXT "1"').data.kind).toBe('TXT');
  });

  it('may be missing for any type (RFC 2136 §2.4)', () => {
    for (const number of ['0001', '0006', '0010', '002e', '0041']) {
      const { answer } = decodeMessage(raw([0, 1, 0, 0], `00 ${number} 00ff 00000000 0000`));
      expect(answer[0]?.data).toEqual({ kind: 'opaque', bytes: new Uint8Array(0) });
    }
  });

  it('has names read compressed in every type, written compressed in those of RFC 1035 only', () => {
    const pointed = `04'test'00 0001 0001 c00c 0021 0001 00000000 0008 0001 0002 0003 c00c`;
    expect(
      formatRecord(decodeMessage(raw([1, 1, 0, 0], pointed)).answer[0] ?? parseRecord('. 0 TXT "none"')),
    ).toBe('test.\t0\tIN\tSRV\t1 2 3 test.');
    const compressible = [
      'NS long.name.',
      'CNAME long.name.',
      'PTR long.name.',
      'MX 1 long.name.',
      'MINFO . long.name.',
    ];
    const full = ['DNAME long.name.', 'SRV 1 2 3 long.name.', 'SVCB 1 long.name.', 'NSEC long.name.'];
    const tail = (text: string) => {
      const record = parseRecord(`long.name. 60 ${text}`);
      return toHex(encodeMessage(reply({ answer: [record] }), COMPRESSED).subarray(12 + 11 + 10));
    };
    for (const text of compressible) expect(tail(text)).toMatch(/c00c$/);
    for (const text of full) expect(tail(text)).toMatch(/046c6f6e67046e616d6500$/);
    expect(tail('SOA long.name. long.name. 1 2 3 4 5')).toMatch(/^c00cc00c/);
  });
});

describe('rdata in text', () => {
  it.each([
    // RFC 9460 D.2, second form of each
    [
      'HTTPS 1 foo. ipv6hint="2001:db8:122:344::192.0.2.33"',
      'HTTPS 1 foo. ipv6hint=2001:db8:122:344::c000:221',
    ],
    ['SVCB 16 foo. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1', undefined],
    [String.raw`SVCB 16 foo. alpn=f\\\092oo\092,bar,h2`, String.raw`SVCB 16 foo. alpn="f\\\\oo\\,bar,h2"`],
    ['SVCB 1 foo. key3=\\000\\053', 'SVCB 1 foo. port=53'],
    ['SVCB 1 foo. key3="abc"', 'SVCB 1 foo. key3="abc"'],
    [
      'RRSIG TYPE1 5 3 86400 1048354263 1045762263 2642 . AQID',
      'RRSIG A 5 3 86400 20030322173103 20030220173103 2642 . AQID',
    ],
    ['DS 1 2 3 ( 0a0b\n 0c ) ; comment', 'DS 1 2 3 0A0B0C'],
    ['TXT one\\032two thr\\"ee', 'TXT "one two" "thr\\"ee"'],
    ['NSEC a. TXT A', 'NSEC a. A TXT'],
    ['CAA 0 issue ca.example', 'CAA 0 issue "ca.example"'],
  ])('%s', (text, printed) => {
    const [type = '', ...rdata] = (
      printed ?? 'SVCB 16 foo. mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1'
    ).split(' ');
    expect(formatRecord(parseRecord(`a. 60 ${text}`))).toBe(`a.\t60\tIN\t${type}\t${rdata.join(' ')}`);
  });

  it.each([
    ['a bitmap that is none', 'NSEC \\# 4 00 00 01 00'],
    ['an empty key', 'DNSKEY \\# 4 01000305'],
    ['a tag with a space', 'CAA \\# 4 00 02 6120'],
    ['parameters in disorder', 'SVCB \\# 13 0001 00 0003 0001 35 0001 0001 35'],
  ])('falls back to the generic form for %s', (_, text) => {
    const record = parseRecord(`a. 60 ${text}`);
    expect(record.data.kind).not.toBe('opaque');
    expect(formatRecord(record)).toContain('\\# ');
    expect(parseRecord(formatRecord(record))).toEqual(record);
  });

  it.each([
    ['A 10.0.0', 'IPv4'],
    ['A ::1', 'IPv4'],
    ['AAAA 10.0.0.1', 'IPv6'],
    ['A', 'missing'],
    ['A 10.0.0.1 x', 'too much'],
    ['NS', 'missing'],
    ['NS a..b', 'empty label'],
    ['MX 65536 a.', '65535'],
    ['MX -1 a.', '65535'],
    ['MX 1.5 a.', '65535'],
    ['SOA a. b. 1 2 3 4', 'missing'],
    [`TXT ${'a'.repeat(256)}`, '255'],
    ['TXT', 'missing'],
    ['TXT "a', 'not closed'],
    ['TXT \\300', 'escape'],
    ['CAA 0 is-sue "x"', 'tag'],
    ['DS 1 2 3 ABC', 'hexadecimal'],
    ['DS 1 2 3', 'hexadecimal'],
    ['DNSKEY 256 3 5 A', 'base64'],
    ['DNSKEY 256 3 5', 'base64'],
    ['RRSIG A 5 3 86400 20030231000000 20030220173103 2642 . AQID', 'not a time'],
    ['RRSIG NOTYPE 5 3 86400 20030220173103 20030220173103 2642 . AQID', 'unknown type'],
    ['NSEC a. NOTYPE', 'unknown type'],
    ['NSEC3 1 0 0 - 0', 'base32hex'],
    ['NSEC3 1 0 0 - 05', 'base32hex'],
    ['NSEC3 1 0 0 - WW', 'base32hex'],
    // RFC 9460 D.3
    ['SVCB 1 foo. ( key123=abc key123=def )', 'twice'],
    ['SVCB 1 foo. mandatory', 'needs a value'],
    ['SVCB 1 foo. alpn', 'needs a value'],
    ['SVCB 1 foo. port', 'needs a value'],
    ['SVCB 1 foo. ipv4hint', 'needs a value'],
    ['SVCB 1 foo. ipv6hint', 'needs a value'],
    ['SVCB 1 foo. no-default-alpn=abc', 'no value'],
    ['SVCB 1 foo. mandatory=key123', 'missing'],
    ['SVCB 1 foo. mandatory=mandatory', 'mandatory'],
    ['SVCB 1 foo. mandatory=key123,key123 key123=abc', 'mandatory'],
    ['SVCB 1 foo. no-default-alpn', 'without alpn'],
    ['SVCB 1 foo. alpn=h2,,h3', 'ALPN'],
    ['SVCB 1 foo. other=1', 'unknown parameter'],
    ['SVCB 1 foo. key01=1', 'unknown parameter'],
    ['SVCB 1 foo. port=65536', '65535'],
    ['SVCB 1 foo. ipv4hint=::1', 'IPv4'],
    ['TYPE731 10.0.0.1', '\\#'],
    ['TYPE731 \\# 2 ab', '1 octets, not 2'],
    ['TYPE731 \\# 1 abc', 'hexadecimal'],
    ['A \\# 3 010203', 'needs 4 octets'],
    ['A \\# 5 0102030405', 'too many'],
    ['CNAME \\# 2 c000', 'pointer'],
    ['CH A 10.0.0.1', '\\#'],
  ])('refuses %s', (text, why) => {
    expect(() => parseRecord(`a. 60 ${text}`)).toThrow(PresentationError);
    expect(() => parseRecord(`a. 60 ${text}`)).toThrow(why);
  });
});
