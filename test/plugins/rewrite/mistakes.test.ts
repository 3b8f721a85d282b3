/** Rules that are refused, in CoreDNS's words. */
import { describe, expect, test } from 'vitest';
import { rewritePlugin } from '../../../src/plugins/rewrite/index.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

const kinds = 'exact, prefix, suffix, substring, and regex';

const mistakes: [rule: string, message: string][] = [
  ['', 'no rule type specified for rewrite'],
  ['{\n}', 'no rule type specified for rewrite'],
  ['continue', 'continue rule must begin with a rule type'],
  ['stop', 'stop rule must begin with a rule type'],
  ['foo a b', 'invalid rule type "foo"'],
  ['continue foo a b', 'invalid rule type "foo"'],
  ['constructor a b', 'invalid rule type "constructor"'],
  ['answer name a b', 'response rewrites must begin with a name rule'],
  ['name a b {\nname c d\n}', "Unexpected token '{'"],
  ['name a', 'too few arguments for a name rule'],
  ['name glob a b', `name rule supports only ${kinds} name matching, received: glob`],
  ['name regex ( b', 'invalid regex matching pattern: ('],
  ['name regex a {1}.b', 'the rewrite regex pattern ({1}.b) uses more subexpressions than'],
  [`name regex ${'a'.repeat(10_001)} b`, 'regex pattern too long: 10001 > 10000'],
  ['name exact a b answer', 'invalid arguments for exact rule'],
  [
    'name exact a b foo bar',
    'exceeded the number of arguments for a non-answer rule argument for exact rule',
  ],
  ['name regex (a) b answer auto answer', 'type missing for answer rule for regex rule'],
  ['name regex (a) b answer foo x', 'invalid type "foo" for answer rule for regex rule'],
  ['name regex (a) b answer name x', 'name answer rule for regex rule: 2 arguments required'],
  [
    'name regex (a) b answer value ( y',
    'value answer rule for regex rule: invalid regex matching pattern: (',
  ],
  ['name suffix a b answer name x {1}', 'name answer rule for suffix rule: the rewrite regex pattern ({1})'],
  [
    'name suffix a b answer auto answer name x y',
    'auto name answer rule cannot be combined with explicit name answer rules',
  ],
  ['type A', 'type rules must have exactly two arguments'],
  ['type A MX TXT', 'type rules must have exactly two arguments'],
  ['type A foo', 'invalid type "FOO"'],
  ['class IN', 'class rules must have exactly two arguments'],
  ['class xx IN', 'invalid class "XX"'],
  ['ttl a', 'too few (1) arguments for a ttl rule'],
  ['ttl exact a 5 6', 'too many arguments for a ttl rule'],
  ['ttl glob a 5', `ttl rule supports only ${kinds} name matching`],
  ['ttl regex ( 5', 'invalid regex pattern in a ttl rule: ('],
  ['ttl a -', "invalid TTL '-' for a ttl rule"],
  ['ttl a 5-3', "invalid TTL '5-3' for a ttl rule"],
  ['ttl a 1-2-3', "invalid TTL '1-2-3' for a ttl rule"],
  ['ttl a 4294967296', "invalid TTL '4294967296' for a ttl rule"],
  ['rcode a 1', 'too few (2) arguments for a rcode rule'],
  ['rcode a foo 0', "invalid matching RCODE 'foo' for a rcode rule"],
  ['rcode a 0 24', "invalid replacement RCODE '24' for a rcode rule"],
  ['rcode glob a 1 2', `rcode rule supports only ${kinds} name matching`],
  [`rcode regex ${'a'.repeat(10_001)} 1 2`, 'regex pattern too long in a rcode rule: 10001 > 10000'],
  ['cname a', 'too few (1) arguments for a cname rule'],
  ['cname a b c d', 'too many (4) arguments for a cname rule'],
  ['cname glob a b', 'unknown cname rewrite type: glob'],
  ['cname regex ( b', 'invalid cname rewrite regex pattern: '],
  ['edns0 local', 'too few arguments for an EDNS0 rule'],
  ['edns0 local foo', 'invalid action: "foo"'],
  ['edns0 foo set', 'invalid rule type "foo"'],
  ['edns0 local set 1', 'EDNS0 local rules require three or four args'],
  ['edns0 local set 1 revert', 'EDNS0 local rules require three or four args'],
  ['edns0 local set 1 2 3', 'EDNS0 local rules require three or four args'],
  ['edns0 local set x 2', 'strconv.ParseUint: parsing "x": invalid syntax'],
  ['edns0 local set 09 2', 'strconv.ParseUint: parsing "09": invalid syntax'],
  ['edns0 local set 0x10000 2', 'strconv.ParseUint: parsing "0x10000": value out of range'],
  ['edns0 local set 1 0xg1', "encoding/hex: invalid byte: 'g'"],
  ['edns0 local set 1 0x123', 'encoding/hex: odd length hex string'],
  ['edns0 local set 1 {foo}', 'unsupported variable name "{foo}"'],
  ['edns0 local unset', 'local unset action requires exactly two arguments'],
  ['edns0 local unset 1 2', 'local unset action requires exactly two arguments'],
  ['edns0 nsid set 1', 'EDNS0 NSID rules can accept no more than one arg'],
  ['edns0 nsid unset revert', 'nsid unset action requires exactly one argument'],
  ['edns0 subnet set 24', 'EDNS0 subnet rules require three or four args'],
  ['edns0 subnet set 33 56', 'invalid IPv4 bit mask length 33'],
  ['edns0 subnet set 24 129', 'invalid IPv6 bit mask length 129'],
  ['edns0 subnet unset 1', 'subnet unset action requires exactly one argument'],
];

describe('is refused', () => {
  test.each(mistakes)('rewrite %s', (rule, message) => {
    expect(() => setUp(rewritePlugin, `rewrite ${rule}`, makeSetup())).toThrow(message);
  });
});

test('metadata is accepted with a warning: nobody provides it', () => {
  const setup = makeSetup();
  setUp(rewritePlugin, 'rewrite edns0 local set 1 {geoip/city}', setup);
  expect(setup.lines).toEqual([
    "[WARNING] '{geoip/city}' is metadata that nobody provides: the rule never applies",
  ]);
});
