/** Services of a cluster set, as the controllers of the Multi-Cluster Services API import them. */
import type { Manifest } from '../../cluster/control-plane/cluster-api.ts';
import { importedSlice, serviceImport } from './objects.ts';

export const imports: readonly Manifest[] = [
  serviceImport('prod/web', {
    type: 'ClusterSetIP',
    ips: ['10.97.0.1'],
    ports: ['http/TCP/80', 'https/TCP/443'],
  }),
  serviceImport('prod/both', {
    type: 'ClusterSetIP',
    ips: ['10.97.0.2', 'fd00:97::2'],
    ports: ['http/TCP/80'],
  }),
  serviceImport('prod/portless', { type: 'ClusterSetIP', ips: ['10.97.0.3'] }),
  serviceImport('prod/ipless', { type: 'ClusterSetIP', ports: ['http/TCP/80'] }),
  serviceImport('data/db', { type: 'Headless', ports: ['sql/TCP/5432'] }),
  serviceImport('data/none', { type: 'Headless', ports: ['sql/TCP/5432'] }),
  serviceImport('hidden/secret', { type: 'ClusterSetIP', ips: ['10.97.0.4'], ports: ['http/TCP/80'] }),
  importedSlice('data/imported-db-east', 'db', 'east', {
    ports: ['sql/TCP/5432'],
    endpoints: [
      { addresses: ['198.51.100.101'], hostname: 'db-0' },
      { addresses: ['198.51.100.102'], hostname: 'db-1' },
    ],
  }),
  importedSlice('data/imported-db-west', 'db', 'west', {
    ports: ['sql/TCP/5432'],
    endpoints: [{ addresses: ['198.51.100.111'], hostname: 'db-0' }, { addresses: ['198.51.100.112'] }],
  }),
  importedSlice('prod/imported-web-east', 'web', 'east', {
    ports: ['http/TCP/8080'],
    endpoints: [{ addresses: ['198.51.100.121'] }],
  }),
];
