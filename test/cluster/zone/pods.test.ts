/** Names of pods: an address with dashes, in three modes. */
import { describe, expect, test } from 'vitest';
import { namespace, pod, storeOf } from '../../support/cluster.ts';
import { type Answer, ask, clusterZone, why } from './ask.ts';

const Z = 'shop.pod.cluster.local';

const store = storeOf([
  namespace('shop'),
  namespace('bank'),
  pod('shop/web', '10.1.0.1'),
  pod('bank/web', '10.1.0.2'),
  pod('shop/six', 'fd00::1'),
  pod('shop/pending'),
  pod('lost/web', '10.1.0.3'),
]);
const zones = {
  disabled: clusterZone(store, { pods: 'disabled' }),
  insecure: clusterZone(store, { pods: 'insecure' }),
  verified: clusterZone(store, { pods: 'verified' }),
};

test.each<[keyof typeof zones, string, string, Answer]>([
  ['disabled', `10-1-0-1.${Z}`, 'A', 'nxdomain'],
  ['disabled', Z, 'A', 'nxdomain'],
  ['disabled', 'none.pod.cluster.local', 'A', 'nxdomain'],
  ['disabled', 'pod.cluster.local', 'A', 'nodata'],

  ['insecure', Z, 'A', 'nodata'],
  ['insecure', 'none.pod.cluster.local', 'A', 'nxdomain'],
  ['insecure', 'lost.pod.cluster.local', 'A', 'nxdomain'],
  ['insecure', `10-1-0-1.${Z}`, 'A', ['A 10.1.0.1']],
  ['insecure', `10-1-0-1.${Z}`, 'AAAA', 'nodata'],
  ['insecure', `10-1-0-1.${Z}`, 'TXT', 'nodata'],
  ['insecure', `10-1-0-1.${Z}`, 'SRV', [`SRV 0 100 0 10-1-0-1.${Z}.`, '+ A 10.1.0.1']],
  ['insecure', `192-0-2-1.${Z}`, 'A', ['A 192.0.2.1']],
  ['insecure', '192-0-2-1.lost.pod.cluster.local', 'A', 'nxdomain'],
  ['insecure', `fd00--1.${Z}`, 'AAAA', ['AAAA fd00::1']],
  ['insecure', `FD00--1.${Z}`, 'SRV', [`SRV 0 100 0 fd00--1.${Z}.`, `+ fd00--1.${Z}. AAAA fd00::1`]],
  ['insecure', `fd00-0-0-0-0-0-0-1.${Z}`, 'AAAA', ['AAAA fd00::1']],
  ['insecure', `--1.${Z}`, 'AAAA', ['AAAA ::1']],
  ['insecure', `1-2-3--4.${Z}`, 'AAAA', ['AAAA 1:2:3::4']],
  // Three dashes of which two stand together are not IPv4.
  ['insecure', `10--a-1.${Z}`, 'A', 'nodata'],
  ['insecure', `10--a-1.${Z}`, 'AAAA', ['AAAA 10::a:1']],
  ['insecure', `10-1-0-256.${Z}`, 'A', 'nxdomain'],
  ['insecure', `10-1-0-01.${Z}`, 'A', 'nxdomain'],
  ['insecure', `10-1-0.${Z}`, 'A', 'nxdomain'],
  ['insecure', `web.${Z}`, 'A', 'nxdomain'],
  // Up to two labels in front are not looked at.
  ['insecure', `x.10-1-0-1.${Z}`, 'A', ['A 10.1.0.1']],
  ['insecure', `_a._b.10-1-0-1.${Z}`, 'A', ['A 10.1.0.1']],
  ['insecure', `_a._b.10-1-0-1.${Z}`, 'SRV', [`SRV 0 100 0 10-1-0-1.${Z}.`, `+ 10-1-0-1.${Z}. A 10.1.0.1`]],
  ['insecure', `a.b.c.10-1-0-1.${Z}`, 'A', 'nxdomain'],

  ['verified', Z, 'A', 'nodata'],
  ['verified', 'none.pod.cluster.local', 'A', 'nxdomain'],
  ['verified', `10-1-0-1.${Z}`, 'A', ['A 10.1.0.1']],
  ['verified', `10-1-0-1.${Z}`, 'AAAA', 'nodata'],
  ['verified', `fd00--1.${Z}`, 'AAAA', ['AAAA fd00::1']],
  ['verified', `10-1-0-2.${Z}`, 'A', 'nxdomain'],
  ['verified', '10-1-0-2.bank.pod.cluster.local', 'A', ['A 10.1.0.2']],
  ['verified', `192-0-2-1.${Z}`, 'A', 'nxdomain'],
  ['verified', '10-1-0-3.lost.pod.cluster.local', 'A', 'nxdomain'],
])('pods %s: %s %s', (mode, name, type, expected) => {
  expect(ask(zones[mode], name, type)).toEqual(expected);
});

describe('the reason', () => {
  test.each<[keyof typeof zones, string, string]>([
    ['disabled', '10-1-0-1.shop', 'pods-disabled'],
    ['insecure', '10-1-0-1.none', 'no-such-namespace'],
    ['insecure', 'web.shop', 'no-such-pod'],
    ['verified', '192-0-2-1.shop', 'no-such-pod'],
  ])('pods %s: %s is %s', (mode, name, code) => {
    expect(why(zones[mode], `${name}.pod.cluster.local`)).toBe(code);
  });
});

test('a verified pod has its name while it is there', () => {
  const changing = storeOf([namespace('shop')]);
  const zone = clusterZone(changing, { pods: 'verified' });
  expect(ask(zone, `10-1-0-1.${Z}`, 'A')).toBe('nxdomain');
  changing.upsert(pod('shop/web', '10.1.0.1'));
  expect(ask(zone, `10-1-0-1.${Z}`, 'A')).toEqual(['A 10.1.0.1']);
  changing.upsert(pod('shop/web', '10.1.0.9'));
  expect(ask(zone, `10-1-0-1.${Z}`, 'A')).toBe('nxdomain');
  expect(ask(zone, `10-1-0-9.${Z}`, 'A')).toEqual(['A 10.1.0.9']);
  changing.remove({ kind: 'Pod', namespace: 'shop', name: 'web' });
  expect(ask(zone, `10-1-0-9.${Z}`, 'A')).toBe('nxdomain');
});
