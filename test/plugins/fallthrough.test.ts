import { expect, test } from 'vitest';
import { Name } from '../../src/dns/name.ts';
import { Fallthrough, parseFallthrough } from '../../src/plugins/fallthrough.ts';
import { directivesOf } from '../support/setup.ts';

function parse(text: string): Fallthrough {
  const [directive] = directivesOf(text);
  if (directive === undefined) throw new Error('no directive');
  return parseFallthrough(directive);
}

test.each([
  ['fallthrough', 'anything.example.', true],
  ['fallthrough', '.', true],
  ['fallthrough example.org', 'example.org.', true],
  ['fallthrough example.org', 'a.EXAMPLE.org.', true],
  ['fallthrough Example.ORG.', 'a.example.org.', true],
  ['fallthrough example.org', 'badexample.org.', false],
  ['fallthrough example.org', 'org.', false],
  ['fallthrough example.org example.net', 'a.example.net.', true],
  ['fallthrough 10.96.0.0/16', '1.0.96.10.in-addr.arpa.', true],
  ['fallthrough 10.96.0.0/16', '1.0.97.10.in-addr.arpa.', false],
  ['fallthrough 10.96.0.0/15', '1.0.97.10.in-addr.arpa.', true],
  ['fallthrough in-addr.arpa ip6.arpa', '1.0.97.10.in-addr.arpa.', true],
])('%s covers %s: %s', (line, name, covered) => {
  expect(parse(line).covers(Name.fromText(name))).toBe(covered);
});

test('without the option no name goes on', () => {
  expect(Fallthrough.none.covers(Name.root)).toBe(false);
});

test('an argument that is no zone is a mistake', () => {
  expect(() => parse('fallthrough a..b')).toThrow('a..b');
});
