/** `forward`: asks other servers for names that are not answered here. */
import type { Plugin, PluginFactory } from '../plugin.ts';
import { ForwardMetrics } from './metrics.ts';
import { readOptions } from './options.ts';
import { Stanza } from './stanza.ts';

export const forwardPlugin: PluginFactory = {
  name: 'forward',

  setup(directives, { settings, metrics, log, offers, lifecycle }): Plugin {
    settings.anyClass = true;
    const counted = new ForwardMetrics(metrics);
    const waiting = { queries: 0 };
    const stanzas = directives.map((directive) => {
      const options = readOptions(directive);
      for (const warning of options.warnings) log.warning(warning);
      return new Stanza(options, counted, waiting);
    });
    offers.upstreamGates.push(...stanzas);
    lifecycle.onShutdown(() => {
      for (const stanza of stanzas) stanza.disconnect();
    });
    return {
      name: 'forward',
      serve: (query, next) => {
        const stanza = stanzas.find((candidate) => candidate.covers(query.name));
        return stanza === undefined ? next(query) : stanza.forward(query);
      },
    };
  },
};
