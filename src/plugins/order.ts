/** The one list that fixes the chain: CoreDNS's order, outermost first. Where a directive stands in the file is no matter. */

import { aclPlugin } from './acl/index.ts';
import { anyPlugin } from './any/index.ts';
import { autopathPlugin } from './autopath/index.ts';
import { bindPlugin } from './bind/index.ts';
import { bufsizePlugin } from './bufsize/index.ts';
import { cachePlugin } from './cache/index.ts';
import { cancelPlugin } from './cancel/index.ts';
import { chaosPlugin } from './chaos/index.ts';
import { debugPlugin } from './debug/index.ts';
import { errorsPlugin } from './errors/index.ts';
import { forwardPlugin } from './forward/index.ts';
import { headerPlugin } from './header/index.ts';
import { healthPlugin } from './health/index.ts';
import { hostsPlugin } from './hosts/index.ts';
import { kubernetesPlugin } from './kubernetes/index.ts';
import { loadbalancePlugin } from './loadbalance/index.ts';
import { localPlugin } from './local/index.ts';
import { logPlugin } from './log/index.ts';
import { loopPlugin } from './loop/index.ts';
import { minimalPlugin } from './minimal/index.ts';
import { multisocketPlugin } from './multisocket/index.ts';
import { nsidPlugin } from './nsid/index.ts';
import type { PluginFactory } from './plugin.ts';
import { prometheusPlugin } from './prometheus/index.ts';
import { readyPlugin } from './ready/index.ts';
import { reloadPlugin } from './reload/index.ts';
import { rewritePlugin } from './rewrite/index.ts';
import { rootPlugin } from './root/index.ts';
import { timeoutsPlugin } from './timeouts/index.ts';
import { transferPlugin } from './transfer/index.ts';
import { whoamiPlugin } from './whoami/index.ts';

/** A name alone is a CoreDNS plugin that corvidns does not have yet. */
const ORDER: readonly (PluginFactory | string)[] = [
  rootPlugin,
  'metadata',
  'geoip',
  'proxyproto',
  'quic',
  'grpc_server',
  'https',
  'https3',
  timeoutsPlugin,
  multisocketPlugin,
  reloadPlugin,
  nsidPlugin,
  bufsizePlugin,
  bindPlugin,
  debugPlugin,
  'trace',
  readyPlugin,
  healthPlugin,
  'pprof',
  'shed',
  prometheusPlugin,
  errorsPlugin,
  logPlugin,
  'dnstap',
  // CoreDNS has it in front of all: there the slowest queries are in no metric and no log.
  cancelPlugin,
  localPlugin,
  'dns64',
  anyPlugin,
  chaosPlugin,
  loadbalancePlugin,
  'tsig',
  rewritePlugin,
  autopathPlugin,
  aclPlugin,
  cachePlugin,
  headerPlugin,
  'dnssec',
  'tls',
  minimalPlugin,
  'template',
  transferPlugin,
  hostsPlugin,
  'route53',
  'azure',
  'clouddns',
  'k8s_external',
  kubernetesPlugin,
  'file',
  'auto',
  'secondary',
  'etcd',
  loopPlugin,
  forwardPlugin,
  'grpc',
  'erratic',
  whoamiPlugin,
  'on',
  'sign',
  'view',
  'nomad',
];

export const factories: readonly PluginFactory[] = ORDER.filter((entry) => typeof entry !== 'string');

/** Directives that work here. */
export const known: ReadonlySet<string> = new Set(factories.map(({ name }) => name));

/** CoreDNS's directives that do not work here yet. */
export const planned: ReadonlySet<string> = new Set(ORDER.filter((entry) => typeof entry === 'string'));
