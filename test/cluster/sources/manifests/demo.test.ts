import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { started } from './support.ts';

const DEMO = fileURLToPath(new URL('../../../../manifests/demo/', import.meta.url));

it('the demo loads without a warning, and shows what its comments say', async () => {
  const { sink, log } = await started([`${DEMO}cluster`]);
  expect(log.lines).toEqual([expect.stringMatching(/^\[INFO\] \d+ objects from 5 manifest files$/)]);
  expect(sink.keys('Namespace')).toEqual(
    [
      'data',
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
      'monitoring',
      'payments',
      'shop',
    ].map((name) => `Namespace ${name}`),
  );
  expect(sink.objects.get('Service shop/web')).toMatchObject({
    type: 'ClusterIP',
    clusterIPs: [{ text: '10.96.20.10' }],
    ports: [
      { name: 'http', number: 80 },
      { name: 'metrics', number: 9090 },
    ],
  });
  const endpointsOf = (service: string) =>
    [...sink.objects.values()]
      .filter((object) => object.kind === 'EndpointSlice')
      .filter((slice) => `${slice.namespace}/${slice.service}` === service)
      .flatMap(({ endpoints }) =>
        [...endpoints].map(({ hostname, addresses }) => hostname || addresses.map(({ text }) => text).join()),
      );
  expect({
    web: endpointsOf('shop/web'),
    cart: endpointsOf('shop/cart'),
    db: endpointsOf('data/db'),
    queue: endpointsOf('data/queue'),
    ledger: endpointsOf('payments/ledger'),
    fraud: endpointsOf('payments/fraud'),
    fraudPeers: endpointsOf('payments/fraud-peers'),
    dns: endpointsOf('kube-system/kube-dns'),
  }).toEqual({
    web: ['10.244.1.10', '10.244.2.10'],
    cart: ['10.244.1.11', 'fd00:10:244:1::11'],
    db: ['db-0', 'db-1', 'db-2'],
    queue: ['queue-0'],
    ledger: ['ledger-primary', 'ledger-replica'],
    fraud: [],
    fraudPeers: [],
    dns: ['10.244.0.2', '10.244.0.3'],
  });
});

it('the Corefile names the folder of the objects and the host that stands outside', async () => {
  const corefile = await readFile(`${DEMO}Corefile`, 'utf8');
  expect(corefile).toMatch(/^ {8}manifests cluster$/m);
  expect(corefile).toMatch(/^ {8}203\.0\.113\.10 api\.payments\.example$/m);
});
