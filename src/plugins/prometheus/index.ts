/** `prometheus`: counts queries, and serves all metrics of the process over HTTP. */
import { expectArgs, type HostPort, noArgs, onlyArg, onlyOnce, parseHostPort } from '../../corefile/args.ts';
import { type Directive, errorAt, type Token } from '../../corefile/ast.ts';
import type { Name } from '../../dns/name.ts';
import { DnsMetrics } from '../../telemetry/dns-metrics.ts';
import { finishing } from '../finishing.ts';
import { type OpenRoute, openRoute, type RouteHandler } from '../http-listener.ts';
import type { Plugin, PluginFactory, SetupContext } from '../plugin.ts';
import { BasicAuth } from './basic-auth.ts';
import { metricsHandler } from './metrics-handler.ts';
import { claimAddress } from './web-claim.ts';
import { readWebConfig, type WebConfig } from './web-config.ts';
import { guarded } from './web-guard.ts';
import { secureListener } from './web-tls.ts';

interface Options {
  readonly address: HostPort;
  readonly runtimeMetrics: boolean;
  /** What `tls` names. */
  readonly web: { readonly path: string; readonly config: WebConfig } | undefined;
}

export const prometheusPlugin: PluginFactory = {
  name: 'prometheus',

  setup(directives, context): Plugin {
    listen(readOptions(onlyOnce(directives)), context);
    return countQueries(context);
  },
};

function readOptions(directive: Directive): Options {
  const [given] = expectArgs(directive, { min: 0, max: 1 });
  let runtimeMetrics = false;
  let web: Options['web'];
  for (const property of directive.block ?? []) {
    if (property.name.text === 'runtime_metrics') {
      noArgs(property);
      runtimeMetrics = true;
    } else if (property.name.text === 'tls') {
      if (web !== undefined) throw errorAt(property.name, 'tls block already specified');
      web = readWeb(onlyArg(property));
    } else {
      throw errorAt(property.name, `unknown option: ${property.name.text}`);
    }
  }
  const address = given === undefined ? { host: 'localhost', port: 9153 } : parseHostPort(given);
  return { address, runtimeMetrics, web };
}

function readWeb(token: Token): Options['web'] {
  try {
    return { path: token.text, config: readWebConfig(token.text) };
  } catch (error) {
    throw errorAt(token, (error as Error).message);
  }
}

function countQueries({ metrics, zones }: SetupContext): Plugin {
  const dnsMetrics = new DnsMetrics(metrics);
  const longestFirst = zones
    .map((zone) => ({ zone, label: zone.toString().toLowerCase() }))
    .sort((a, b) => b.zone.labelCount - a.zone.labelCount);
  const labelOf = (name: Name) => longestFirst.find(({ zone }) => name.isWithin(zone))?.label ?? '.';
  return finishing('prometheus', (query, reply) => {
    query.onCounted(dnsMetrics.account(query.server, labelOf(query.name)).tally(query, reply));
    return reply;
  });
}

function listen({ address, runtimeMetrics, web }: Options, { lifecycle, metrics, log }: SetupContext): void {
  let route: OpenRoute | undefined;
  let giveUp: (() => void) | undefined;
  lifecycle.onStart(async () => {
    if (runtimeMetrics) metrics.enableRuntimeMetrics?.();
    giveUp = claimAddress(address, web?.path);
    const tls = web?.config.tls;
    route = await openRoute({
      directive: 'prometheus',
      address,
      path: '/metrics',
      handler: await guard(metricsHandler(metrics), web?.config),
      secure: web && tls ? secureListener(web.path, tls, log) : undefined,
    });
    log.debug(`Listening on ${route.address.address} port ${route.address.port}`);
  });
  const close = async () => {
    giveUp?.();
    giveUp = undefined;
    await route?.close();
  };
  lifecycle.onShutdown(async (replaced) => {
    if (replaced) await close();
  });
  lifecycle.onFinalShutdown(close);
}

async function guard(handler: RouteHandler, config: WebConfig | undefined): Promise<RouteHandler> {
  if (config === undefined) return handler;
  const auth = config.users.size === 0 ? undefined : await BasicAuth.load(config.users);
  return guarded(handler, config, auth);
}
