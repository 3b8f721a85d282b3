/** One Service of every kind that an operator can make, and the pods and slices behind them. */
import type { Manifest } from '../../cluster/control-plane/cluster-api.ts';
import { endpoints, externalName, namespace, pod, service, slice } from './objects.ts';

export const base: readonly Manifest[] = [
  namespace('prod', { team: 'blue' }),
  namespace('data', { team: 'green' }),
  namespace('edge', { team: 'blue' }),
  namespace('svc', { team: 'green' }),
  namespace('hidden'),
  namespace('empty', { team: 'blue' }),
];

const web = { app: 'web' };
const db = { app: 'db' };
const both = ['IPv4', 'IPv6'] as const;

const pods: readonly Manifest[] = [
  pod('prod/web-1', web),
  pod('prod/web-2', web),
  pod('prod/web-3', web, { ready: false }),
  pod('prod/lonely', { app: 'lonely' }, { ready: false }),
  pod('data/db-0', db, { hostname: 'db-0', subdomain: 'db' }),
  pod('data/db-1', db, { hostname: 'db-1', subdomain: 'db' }),
  pod('data/db-2', db, { hostname: 'db-2', subdomain: 'db', ready: false }),
  pod('data/a-pod-whose-name-is-longer-than-a-label-of-the-dns-may-be-so-no-name', { app: 'long' }),
  pod('edge/gate', { app: 'gate' }),
  pod('svc/pod', { app: 'svc' }),
  pod('hidden/secret', { app: 'secret' }),
  // Who asks the questions.
  pod('prod/client', { app: 'client' }, { address: '127.0.0.1' }),
];

const withClusterIp: readonly Manifest[] = [
  service('prod/web', { selector: web, ports: ['http/TCP/80', 'https/TCP/443'], labels: { tier: 'front' } }),
  service('prod/dual', { selector: web, ports: ['http/TCP/80'], families: both, labels: { tier: 'front' } }),
  service('prod/six', { selector: web, ports: ['http/TCP/80'], families: ['IPv6'] }),
  service('prod/unnamed', { selector: web, ports: ['/TCP/8080'] }),
  service('prod/dns', { selector: web, ports: ['dns/UDP/53', 'dns-tcp/TCP/53'] }),
  service('prod/sctp', { selector: web, ports: ['assoc/SCTP/3868'] }),
  service('prod/idle', { selector: { app: 'nobody' }, ports: ['http/TCP/80'] }),
  service('prod/unready', { selector: { app: 'lonely' }, ports: ['http/TCP/80'] }),
  service('prod/no-selector', { ports: ['http/TCP/80'] }),
  service('prod/manual', { ports: ['http/TCP/80'] }),
  service('prod/legacy', { ports: ['http/TCP/80', 'admin/TCP/81'] }),
  service('edge/node-port', {
    selector: { app: 'gate' },
    ports: ['http/TCP/80'],
    spec: { type: 'NodePort' },
  }),
  service('edge/balancer', {
    selector: { app: 'gate' },
    ports: ['http/TCP/80', 'https/TCP/443'],
    spec: { type: 'LoadBalancer', externalIPs: ['203.0.113.7'] },
  }),
  service('edge/a', { selector: { app: 'gate' }, ports: ['a/TCP/1'] }),
  service('svc/svc', { selector: { app: 'svc' }, ports: ['svc/TCP/80'] }),
  service('svc/pod', { selector: { app: 'svc' }, ports: ['tcp/TCP/80', 'udp/UDP/80'] }),
  service('hidden/secret', { selector: { app: 'secret' }, ports: ['http/TCP/80'] }),
  service('data/this-is-the-longest-name-that-a-service-may-have-sixty-three-ch', { ports: ['http/TCP/80'] }),
  service('data/long', { selector: { app: 'long' }, ports: ['http/TCP/80'] }),
];

const headless: readonly Manifest[] = [
  service('data/db', { selector: db, headless: true, ports: ['sql/TCP/5432', 'admin/TCP/8432'] }),
  service('data/db-all', {
    selector: db,
    headless: true,
    ports: ['sql/TCP/5432'],
    spec: { publishNotReadyAddresses: true },
  }),
  service('data/db-dual', { selector: db, headless: true, ports: ['sql/TCP/5432'], families: both }),
  service('data/db-six', { selector: db, headless: true, ports: ['sql/TCP/5432'], families: ['IPv6'] }),
  service('data/db-unnamed', { selector: db, headless: true, ports: ['/TCP/5432'] }),
  service('data/db-portless', { selector: db, headless: true }),
  service('data/db-mixed', { selector: db, headless: true, ports: ['sql/TCP/5432', 'sql-udp/UDP/5432'] }),
  service('data/nobody', { selector: { app: 'nobody' }, headless: true, ports: ['sql/TCP/5432'] }),
  service('prod/unready-headless', { selector: { app: 'lonely' }, headless: true, ports: ['http/TCP/80'] }),
  service('data/outside', { headless: true, ports: ['sql/TCP/5432'] }),
  service('data/outside-legacy', { headless: true, ports: ['sql/TCP/5432'] }),
  service('data/bare', { headless: true }),
  service('data/twins', { headless: true, ports: ['sql/TCP/5432'] }),
  service('data/zoned', { headless: true, ports: ['sql/TCP/5432'] }),
  service('data/odd', { headless: true }),
  service('data/long-headless', { selector: { app: 'long' }, headless: true, ports: ['http/TCP/80'] }),
];

const manualSlices: readonly Manifest[] = [
  slice('prod/manual-1', {
    of: 'manual',
    ports: ['http/TCP/8080'],
    endpoints: [
      { addresses: ['198.51.100.1'] },
      { addresses: ['198.51.100.2'], hostname: 'Two'.toLowerCase() },
    ],
  }),
  slice('prod/manual-2', {
    of: 'manual',
    type: 'IPv6',
    ports: ['http/TCP/8080'],
    endpoints: [{ addresses: ['2001:db8::1'] }, { addresses: ['2001:db8::'], ready: null }],
  }),
  slice('data/outside-1', {
    of: 'outside',
    ports: ['sql/TCP/5432'],
    endpoints: [
      { addresses: ['198.51.100.11'], hostname: 'primary' },
      { addresses: ['198.51.100.12'], hostname: 'standby' },
      { addresses: ['198.51.100.13'], ready: false },
    ],
  }),
  slice('data/outside-2', {
    of: 'outside',
    type: 'IPv6',
    ports: ['sql/TCP/5432'],
    endpoints: [
      { addresses: ['2001:db8::11'], hostname: 'primary' },
      { addresses: ['2001:db8::'] },
      { addresses: ['2001:db8:0:1::5'] },
    ],
  }),
  slice('data/bare-1', { of: 'bare', endpoints: [{ addresses: ['198.51.100.21'] }] }),
  slice('data/twins-1', {
    of: 'twins',
    ports: ['sql/TCP/5432'],
    endpoints: [
      { addresses: ['198.51.100.31'], hostname: 'twin' },
      { addresses: ['198.51.100.32'], hostname: 'twin' },
    ],
  }),
  slice('data/twins-2', {
    of: 'twins',
    ports: ['sql/TCP/5432', 'backup/TCP/5433'],
    endpoints: [{ addresses: ['198.51.100.31'], hostname: 'twin' }, { addresses: ['198.51.100.33'] }],
  }),
  slice('data/zoned-1', {
    of: 'zoned',
    ports: ['sql/TCP/5432'],
    endpoints: [
      { addresses: ['198.51.100.41'], hostname: 'one', zone: 'zone-a' },
      { addresses: ['198.51.100.42'], hostname: 'two', zone: 'zone-b.example' },
      { addresses: ['198.51.100.43'], zone: 'zone-a', ready: false },
    ],
  }),
  slice('data/odd-1', { of: 'odd', ports: ['web/TCP/80'], endpoints: [{ addresses: ['198.51.100.51'] }] }),
  slice('data/odd-2', { of: 'odd', ports: ['api/UDP/81'], endpoints: [{ addresses: ['198.51.100.52'] }] }),
  slice('data/nobodys', { ports: ['sql/TCP/5432'], endpoints: [{ addresses: ['198.51.100.61'] }] }),
  slice('data/of-none', {
    of: 'no-such',
    ports: ['sql/TCP/5432'],
    endpoints: [{ addresses: ['198.51.100.62'] }],
  }),
];

const legacy: readonly Manifest[] = [
  endpoints('prod/legacy', ['198.51.100.71', '198.51.100.72'], ['http/TCP/8080', 'admin/TCP/8081']),
  endpoints('data/outside-legacy', ['198.51.100.81'], ['sql/TCP/5432']),
];

const externalNames: readonly Manifest[] = [
  externalName('prod/outside', 'www.example.com'),
  externalName('prod/outside-ports', 'www.example.com', ['http/TCP/80']),
  externalName('prod/outside-missing', 'missing.example.com'),
  externalName('prod/outside-alias', 'alias.example.com'),
  externalName('prod/outside-silent', 'nodata.example.com'),
  externalName('prod/with-dot', 'www.example.com.'),
  externalName('prod/inside', 'web.prod.svc.cluster.local'),
  externalName('prod/inside-headless', 'db.data.svc.cluster.local'),
  externalName('prod/inside-endpoint', 'db-0.db.data.svc.cluster.local'),
  externalName('prod/inside-missing', 'missing.prod.svc.cluster.local'),
  externalName('prod/inside-hidden', 'secret.hidden.svc.cluster.local'),
  externalName('prod/chain', 'inside.prod.svc.cluster.local'),
  externalName('prod/chain-out', 'outside.prod.svc.cluster.local'),
  externalName('prod/loop', 'loop.prod.svc.cluster.local'),
  externalName('prod/loop-a', 'loop-b.prod.svc.cluster.local'),
  externalName('prod/loop-b', 'loop-a.prod.svc.cluster.local'),
  externalName('prod/below', 'x.below.prod.svc.cluster.local'),
  externalName('prod/literal', '192.0.2.55'),
  externalName('prod/to-pod', '10-244-0-1.prod.pod.cluster.local'),
];

export const fixed: readonly Manifest[] = [
  ...pods,
  ...withClusterIp,
  ...headless,
  ...manualSlices,
  ...legacy,
  ...externalNames,
];
