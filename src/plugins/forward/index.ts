/** `forward`: asks other servers for names that are not answered here. */
import { ConnectedSockets } from '../../net/connected-sockets.ts';
import type { Plugin, PluginFactory, Query } from '../plugin.ts';
import type { Reply } from '../reply.ts';
import { ForwardMetrics } from './metrics.ts';
import { readOptions } from './read-options.ts';
import { Stanza } from './stanza.ts';

export const forwardPlugin: PluginFactory = {
  name: 'forward',

  setup(directives, { settings, metrics, log, offers, lifecycle, readiness, native }): Plugin {
    settings.anyClass = true;
    const sockets = native && new ConnectedSockets(native);
    const surroundings = { metrics: new ForwardMetrics(metrics), log, sockets };
    const waiting = { queries: 0 };
    const stanzas = directives.map((directive) => {
      const options = readOptions(directive, settings.root);
      for (const warning of options.warnings) log.warning(warning);
      return new Stanza(options, waiting, surroundings);
    });
    offers.upstreamGates.push(...stanzas);
    for (const stanza of stanzas) {
      lifecycle.onStart(() => stanza.start());
      lifecycle.onShutdown((replaced) => (replaced ? stanza.shutDown() : stanza.stopChecks()));
      lifecycle.onFinalShutdown(() => stanza.shutDown());
      readiness.registerNote('forward', () => stanza.note());
    }
    return {
      name: 'forward',
      serve: (query, next) => forwardFrom(stanzas, 0, query) ?? next(query),
    };
  },
};

/** By the first stanza from `start` on that covers the name; undefined where none does. */
function forwardFrom(
  stanzas: readonly Stanza[],
  start: number,
  query: Query,
): Reply | Promise<Reply> | undefined {
  const at = stanzas.findIndex((stanza, index) => index >= start && stanza.covers(query.name));
  return stanzas[at]?.forward(query, () => forwardFrom(stanzas, at + 1, query));
}
