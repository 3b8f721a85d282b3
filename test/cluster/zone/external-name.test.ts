/** ExternalName: aliases inside the zone are followed, others are handed on, and none without an end. */
import { describe, expect, test } from 'vitest';
import type { Service } from '../../../src/cluster/objects.ts';
import { Name, RrType } from '../../../src/dns/index.ts';
import { limits } from '../../../src/limits.ts';
import { namespace, service, slice, storeOf } from '../../support/cluster.ts';
import { type Answer, ask, clusterZone, why } from './ask.ts';

const Z = 'shop.svc.cluster.local';

const store = storeOf([
  namespace('shop'),
  service('shop/cart', { ips: ['10.96.0.1'], ports: ['http/TCP/80'] }),
  slice('shop/cart-1', { endpoints: ['10.1.0.1'] }),
  service('shop/outside', { externalName: 'www.Example.com' }),
  service('shop/dotted', { externalName: 'www.example.com.' }),
  service('shop/inside', { externalName: `cart.${Z}` }),
  service('shop/upper', { externalName: `CART.Shop.svc.Cluster.LOCAL` }),
  service('shop/two', { externalName: `inside.${Z}.` }),
  service('shop/out-by-two', { externalName: `outside.${Z}` }),
  service('shop/to-endpoint', { externalName: `10-1-0-1.cart.${Z}` }),
  service('shop/to-pod', { externalName: '10-2-0-1.shop.pod.cluster.local' }),
  service('shop/missing', { externalName: `none.${Z}` }),
  service('shop/nowhere', { externalName: 'nothing.cluster.local' }),
  service('shop/self', { externalName: `self.${Z}` }),
  service('shop/below', { externalName: `x.below.${Z}` }),
  service('shop/ping', { externalName: `pong.${Z}` }),
  service('shop/pong', { externalName: `ping.${Z}` }),
  service('shop/empty', { externalName: '' }),
  service('shop/gap', { externalName: 'a..b' }),
  service('shop/wide', { externalName: `${'a'.repeat(64)}.example.com` }),
  service('shop/root', { externalName: '.' }),
  service('shop/v4', { externalName: '192.0.2.1' }),
  service('shop/v6', { externalName: '2001:db8::1' }),
  service('shop/nearly', { externalName: '192.0.2.256' }),
]);
const zone = clusterZone(store, { pods: 'insecure' });

test.each<[string, string, Answer]>([
  ['outside', 'CNAME', ['CNAME www.Example.com.']],
  ['outside', 'A', ['CNAME www.Example.com.', '? www.Example.com.']],
  ['outside', 'AAAA', ['CNAME www.Example.com.', '? www.Example.com.']],
  ['dotted', 'A', ['CNAME www.example.com.', '? www.example.com.']],
  ['nearly', 'A', ['CNAME 192.0.2.256.', '? 192.0.2.256.']],
  ['root', 'A', ['CNAME .', '? .']],

  ['inside', 'A', [`CNAME cart.${Z}.`, `cart.${Z}. A 10.96.0.1`]],
  ['inside', 'AAAA', 'nodata'],
  ['inside', 'CNAME', [`CNAME cart.${Z}.`]],
  ['upper', 'A', ['CNAME CART.Shop.svc.Cluster.LOCAL.', 'CART.Shop.svc.Cluster.LOCAL. A 10.96.0.1']],
  ['two', 'A', [`CNAME inside.${Z}.`, `inside.${Z}. CNAME cart.${Z}.`, `cart.${Z}. A 10.96.0.1`]],
  ['two', 'CNAME', [`CNAME inside.${Z}.`]],
  ['to-endpoint', 'A', [`CNAME 10-1-0-1.cart.${Z}.`, `10-1-0-1.cart.${Z}. A 10.1.0.1`]],
  ['to-pod', 'A', ['CNAME 10-2-0-1.shop.pod.cluster.local.', '10-2-0-1.shop.pod.cluster.local. A 10.2.0.1']],
  ['out-by-two', 'A', [`CNAME outside.${Z}.`, `outside.${Z}. CNAME www.Example.com.`, '? www.Example.com.']],

  // Aliases without an end, or into nothing, have no records but the alias itself.
  ['missing', 'A', 'nodata'],
  ['missing', 'CNAME', [`CNAME none.${Z}.`]],
  ['nowhere', 'A', 'nodata'],
  ['self', 'A', 'nodata'],
  ['self', 'CNAME', [`CNAME self.${Z}.`]],
  ['below', 'A', 'nodata'],
  ['ping', 'A', 'nodata'],
  ['ping', 'CNAME', [`CNAME pong.${Z}.`]],

  // What is no name has no record at all; an address is taken for no name.
  ['empty', 'A', 'nodata'],
  ['empty', 'CNAME', 'nodata'],
  ['gap', 'A', 'nodata'],
  ['wide', 'A', 'nodata'],
  ['v4', 'A', 'nxdomain'],
  ['v4', 'CNAME', 'nxdomain'],
  ['v6', 'AAAA', 'nxdomain'],
])('%s %s', (name, type, expected) => {
  expect(ask(zone, `${name}.${Z}`, type)).toEqual(expected);
});

test.each([
  ['missing', 'external-name-unresolved'],
  ['self', 'external-name-unresolved'],
  ['ping', 'external-name-unresolved'],
  ['gap', 'external-name-unresolved'],
  ['v4', 'external-name-is-address'],
])('%s gives the reason %s', (name, code) => {
  expect(why(zone, `${name}.${Z}`)).toBe(code);
});

test('an alias in the letter case that it was asked in', () => {
  expect(ask(zone, `Two.Shop.SVC.cluster.local`, 'A')).toEqual([
    `CNAME inside.${Z}.`,
    `inside.${Z}. CNAME cart.${Z}.`,
    `cart.${Z}. A 10.96.0.1`,
  ]);
  expect(ask(zone, `SELF.${Z}`, 'A')).toBe('nodata');
});

test('a target in another zone of the cluster is asked for anew', () => {
  const objects = [namespace('shop'), service('shop/reverse', { externalName: '1.0.96.10.in-addr.arpa' })];
  expect(ask(clusterZone(storeOf(objects)), `reverse.${Z}`, 'A')).toEqual([
    'CNAME 1.0.96.10.in-addr.arpa.',
    '? 1.0.96.10.in-addr.arpa.',
  ]);
});

test('an answer through an alias stands while no namespace on its way changes', () => {
  const changing = storeOf([
    namespace('shop'),
    namespace('bank'),
    service('shop/alias', { externalName: 'cart.bank.svc.cluster.local' }),
    service('bank/cart', { ips: ['10.96.0.1'] }),
  ]);
  const stands = (change: Service) => {
    const { of, generation } = clusterZone(changing).lookup(Name.fromText(`alias.${Z}`), RrType.A).validWhile;
    changing.upsert(change);
    return of.current === generation;
  };
  expect(stands(service('bank/cart', { ips: ['10.96.0.1'] }))).toBe(true);
  expect(stands(service('bank/cart', { ips: ['10.96.0.2'] }))).toBe(false);
  expect(stands(service('shop/alias', { externalName: 'other.bank.svc.cluster.local' }))).toBe(false);
  expect(stands(service('bank/other', { ips: ['10.96.0.3'] }))).toBe(false);
});

describe('a chain', () => {
  /** `a0` leads to `a1` and so on, `cnames` times, to `end`. */
  function chain(cnames: number, end: string): Service[] {
    return Array.from({ length: cnames }, (_, i) => {
      const externalName = i === cnames - 1 ? end : `a${i + 1}.${Z}`;
      return service(`shop/a${i}`, { externalName });
    });
  }
  const longest = limits.chaseHops + 1;
  const cart = [namespace('shop'), service('shop/cart', { ips: ['10.96.0.1'] })];

  test.each([
    [`cart.${Z}`, longest, longest + 1],
    ['www.example.com', longest, longest + 1],
    [`cart.${Z}`, longest + 1, 0],
    ['www.example.com', longest + 1, 0],
  ])('to %s with %i CNAMEs has %i records', (end, cnames, records) => {
    const chained = clusterZone(storeOf([...cart, ...chain(cnames, end)]));
    const answer = ask(chained, `a0.${Z}`, 'A');
    if (records === 0) expect(answer).toBe('nodata');
    else expect(answer).toHaveLength(records);
  });
});
