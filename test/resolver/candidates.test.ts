import { expect, test } from 'vitest';
import { candidates, parseResolvConf } from '../../src/resolver/index.ts';

const POD = 'search ns.svc.z svc.z z\noptions ndots:5';
const label = (count: number) => 'x'.repeat(count);
const long = [label(63), label(63), label(63)].join('.');

/** `@` stands for the name as it is, `a` for a candidate in the domain `a`. */
const table: [name: string, conf: string, glibc: string, musl?: string][] = [
  ['web', POD, 'ns.svc.z svc.z z @'],
  ['web.shop', POD, 'ns.svc.z svc.z z @'],
  ['a.b.c.d.e', POD, 'ns.svc.z svc.z z @'],
  ['a.b.c.d.e.f', POD, '@ ns.svc.z svc.z z', '@'],
  ['web.', POD, '@'],
  ['a.b.c.d.e.f.', POD, '@'],
  ['web', 'search a b', 'a b @'],
  ['web.x', 'search a b', '@ a b', '@'],
  ['web', 'search a\noptions ndots:0', '@ a', '@'],
  ['web', '', '@'],
  ['web.x', '', '@'],
  // Single labels.
  ['web', 'search a\noptions no-tld-query', 'a', 'a @'],
  ['web', 'options no-tld-query', '@'],
  ['web.x', 'search a\noptions no-tld-query ndots:2', 'a @'],
  // The root in the list.
  ['web', 'search . a', '@ a', 'a @'],
  ['web', 'search a .', 'a @'],
  ['web.x', 'search a .', '@ a @', '@'],
  ['web', 'search .a b.', 'a b @', 'b @'],
  // What no message can hold.
  ['web', `search ${label(64)} b`, '@', 'b @'],
  ['web.x', `search ${label(64)} b`, '@', '@'],
  [`${long}.${label(50)}`, `search ${label(12)} b\noptions ndots:9`, '@', 'b @'],
  [`${long}.${label(62)}`, 'search a', '', ''],
  ['web..x', 'search a', '', ''],
  ['web..', 'search a', '', ''],
  ['', 'search a', '', ''],
];

test.each(table)('%j, %j', (name, text, glibc, musl = glibc) => {
  const readings = parseResolvConf(text);
  const expected = (line: string) =>
    line
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => (word === '@' ? name.replace(/\.?$/, '.') : `${name}.${word}`).replace(/\.?$/, '.'));
  expect(candidates(name, readings.glibc.conf, 'glibc')).toEqual(expected(glibc));
  expect(candidates(name, readings.musl.conf, 'musl')).toEqual(expected(musl));
});

test('before 1.2.4 musl asks nothing more behind what it cannot ask', () => {
  for (const domain of ['.', label(64)]) {
    const { conf } = parseResolvConf(`search a ${domain} b`).musl;
    expect(candidates('web', conf, 'musl', '1.2.4')).toEqual(['web.a.', 'web.b.', 'web.']);
    expect(candidates('web', conf, 'musl', '1.2.3')).toEqual(['web.a.']);
  }
});

test('a search list of any length is tried up to a bound', () => {
  const domains = Array.from({ length: 1000 }, (_, at) => `d${at}`);
  const { conf } = parseResolvConf(`search ${domains.join(' ')}`).glibc;
  expect(candidates('web', conf, 'glibc')).toEqual([
    ...domains.slice(0, 256).map((d) => `web.${d}.`),
    'web.',
  ]);
});
