/** The Corefiles that clusters have today. */
import { expect, test } from 'vitest';
import { findConflicts, parseCorefile, parseKey } from '../../src/corefile/index.ts';
import { DEPLOYMENT, KUBEADM } from '../support/kubeadm.ts';
import { blocksOf } from './support.ts';

test('of kubeadm', () => {
  expect(blocksOf(KUBEADM)).toEqual([
    '.:53: errors; health { lameduck 5s }; ready; ' +
      'kubernetes cluster.local in-addr.arpa ip6.arpa ' +
      '{ pods insecure; fallthrough in-addr.arpa ip6.arpa; ttl 30 }; ' +
      'prometheus :9153; forward . /etc/resolv.conf { max_concurrent 1000 }; ' +
      'cache 30 { disable success cluster.local; disable denial cluster.local }; loop; reload; loadbalance',
  ]);
});

test('the same with the line ends of another system', () => {
  expect(blocksOf(KUBEADM.replaceAll('\n', '\r\n'))).toEqual(blocksOf(KUBEADM));
});

test('of the deployment script, with a stub domain', () => {
  const { blocks } = parseCorefile(DEPLOYMENT, 'Corefile');
  const keys = blocks.map((block) => block.keys.flatMap((key) => parseKey(key, { dnsPort: 53 })));
  expect(keys.flat().map(({ text }) => text)).toEqual(['dns://.:53', 'dns://abc.com.:53']);
  expect(findConflicts(keys.map((each) => ({ keys: each, bind: [] })))).toEqual([]);
});
