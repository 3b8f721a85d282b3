/** Which server block answers: the longest zone, DS from the parent's side, the root last. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Name } from '../../src/dns/name.ts';
import { RrType } from '../../src/dns/types.ts';
import { Router } from '../../src/server/router.ts';
import { name } from '../dns/arbitraries.ts';

function routerOf(...zones: string[]): Router {
  return new Router(zones.map((zone) => ({ zone: Name.fromText(zone), handler: undefined })));
}

function found(router: Router, asked: string, type: number = RrType.A): string | undefined {
  return router.find(Name.fromText(asked), type)?.zone.toString();
}

const NESTED = ['org.', 'example.org.', '.', 'a.b.example.org.', '10.in-addr.arpa.'];

describe('a listener with zones inside zones', () => {
  const rows: [asked: string, type: keyof typeof RrType, zone: string][] = [
    ['example.org.', 'A', 'example.org.'],
    ['www.example.org.', 'A', 'example.org.'],
    ['WWW.Example.ORG.', 'AAAA', 'example.org.'],
    ['b.example.org.', 'A', 'example.org.'],
    ['a.b.example.org.', 'A', 'a.b.example.org.'],
    ['x.a.b.example.org.', 'SRV', 'a.b.example.org.'],
    // A zone ends at a label, not at a letter.
    ['notexample.org.', 'A', 'org.'],
    ['xa.b.example.org.', 'A', 'example.org.'],
    ['org.', 'SOA', 'org.'],
    ['com.', 'A', '.'],
    ['.', 'NS', '.'],
    ['1.2.3.10.in-addr.arpa.', 'PTR', '10.in-addr.arpa.'],
    ['1.2.3.110.in-addr.arpa.', 'PTR', '.'],
    // The parent has the DS of a zone cut.
    ['a.b.example.org.', 'DS', 'org.'],
    ['example.org.', 'DS', 'org.'],
    ['www.example.org.', 'DS', 'org.'],
    ['com.', 'DS', '.'],
  ];
  test.each(rows)('%s %s goes to %s', (asked, type, zone) => {
    expect(found(routerOf(...NESTED), asked, RrType[type])).toBe(zone);
    expect(found(routerOf(...NESTED.toReversed()), asked, RrType[type])).toBe(zone);
  });
});

test('without a root zone what is outside has no block', () => {
  const router = routerOf('example.org.');
  expect(found(router, 'org.')).toBeUndefined();
  expect(found(router, '.')).toBeUndefined();
  expect(found(router, 'example.com.', RrType.DS)).toBeUndefined();
});

test('DS of a zone that has no parent here goes to the zone itself', () => {
  expect(found(routerOf('example.org.', '.'), 'example.org.', RrType.DS)).toBe('example.org.');
});

test('nothing is served where there are no blocks', () => {
  expect(found(new Router([]), '.')).toBeUndefined();
});

test('for any zones and name: one that holds the name, and none that is longer does', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { maxLength: 8, selector: (zone) => zone.key }),
      name,
      (zones, asked) => {
        const holding = zones.filter((zone) => asked.isWithin(zone));
        const longest = Math.max(...holding.map((zone) => zone.labelCount));
        const route = new Router(zones.map((zone) => ({ zone, handler: undefined }))).find(asked, RrType.A);
        if (holding.length === 0) expect(route).toBeUndefined();
        else {
          expect(route && asked.isWithin(route.zone)).toBe(true);
          expect(route?.zone.labelCount).toBe(longest);
        }
      },
    ),
  );
});
