/** What a `transfer` directive may say. */
import { describe, expect, test } from 'vitest';
import { CorefileError } from '../../../src/corefile/error.ts';
import { Name } from '../../../src/dns/name.ts';
import { readStanza } from '../../../src/plugins/transfer/options.ts';
import { directivesOf } from '../../support/setup.ts';

function stanzaOf(text: string) {
  const [directive] = directivesOf(text);
  if (directive === undefined) throw new Error('no directive');
  const { zones, to, source } = readStanza(directive, [Name.fromText('block.test')]);
  return { zones: zones.map(String), to: to === 'everyone' ? to : [...to], source: source?.text };
}

test.each<[string, Partial<ReturnType<typeof stanzaOf>>]>([
  ['transfer {\n to *\n}', { zones: ['block.test.'], to: 'everyone', source: undefined }],
  ['transfer A.test b.test. {\n to *\n}', { zones: ['a.test.', 'b.test.'] }],
  ['transfer 10.96.0.0/16 {\n to *\n}', { zones: ['96.10.in-addr.arpa.'] }],
  ['transfer {\n to 192.0.2.1\n}', { to: ['192.0.2.1'] }],
  [
    'transfer {\n to 192.0.2.1 2001:DB8:0::1\n to 192.0.2.2\n}',
    { to: ['192.0.2.1', '2001:db8::1', '192.0.2.2'] },
  ],
  ['transfer {\n to 192.0.2.1:5353 [2001:db8::1]:5353\n}', { to: ['192.0.2.1', '2001:db8::1'] }],
  ['transfer {\n to fe80::1%eth0\n}', { to: ['fe80::1%eth0'] }],
  ['transfer {\n to 192.0.2.1 *\n}', { to: 'everyone' }],
  ['transfer {\n source 192.0.2.9\n to *\n}', { source: '192.0.2.9' }],
  ['transfer {\n to *\n source 2001:db8::9\n}', { source: '2001:db8::9' }],
])('%j', (text, expected) => {
  expect(stanzaOf(text)).toMatchObject(expected);
});

describe('mistakes', () => {
  test.each([
    ['transfer', "'to' is required"],
    ['transfer {\n}', "'to' is required"],
    ['transfer a.test', "'to' is required"],
    ['transfer {\n source 192.0.2.1\n}', "'to' is required"],
    ['transfer {\n to\n}', "Wrong argument count or unexpected line ending after 'to'"],
    ['transfer {\n to ns.example.com\n}', "must specify an IP address: `ns.example.com'"],
    ['transfer {\n to ns.example.com:53\n}', "must specify an IP address: `ns.example.com'"],
    ['transfer {\n to 192.0.2.0/24\n}', "must specify an IP address: `192.0.2.0/24'"],
    ['transfer {\n to [192.0.2.1]\n}', "must specify an IP address: `[192.0.2.1]'"],
    ['transfer {\n to *\n source\n}', "Wrong argument count or unexpected line ending after 'source'"],
    [
      'transfer {\n to *\n source 192.0.2.1 192.0.2.2\n}',
      "Wrong argument count or unexpected line ending after '192.0.2.2'",
    ],
    ['transfer {\n to *\n source 192.0.2.1\n source 192.0.2.2\n}', 'source already specified'],
    ['transfer {\n to *\n source here\n}', 'invalid source address "here"'],
    ['transfer {\n to *\n from *\n}', 'unknown property "from"'],
    ['transfer a..b {\n to *\n}', 'zone is not a valid domain name: a..b (empty label in name)'],
  ])('%j', (text, message) => {
    expect(() => stanzaOf(text)).toThrow(CorefileError);
    expect(() => stanzaOf(text)).toThrow(message);
  });
});
