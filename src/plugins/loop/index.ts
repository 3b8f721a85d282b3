/** `loop`: finds out at the start whether an upstream sends queries back here, and closes the way that they take. */
import { noArgs, noBlock, onlyOnce } from '../../corefile/args.ts';
import { Name } from '../../dns/name.ts';
import type { Plugin, PluginFactory } from '../plugin.ts';
import { LoopWatch } from './watch.ts';

export const loopPlugin: PluginFactory = {
  name: 'loop',

  setup(directives, { zones, listeners, lifecycle, readiness, offers, metrics, log }): Plugin {
    const directive = onlyOnce(directives);
    noArgs(directive);
    noBlock(directive);
    const [zone = Name.root] = zones;
    const watch = new LoopWatch({ zone, gates: offers.upstreamGates, metrics, log });
    readiness.registerNote('loop', () => watch.note);
    lifecycle.onListening(() => {
      const [listener] = listeners();
      if (listener !== undefined) watch.start(listener);
    });
    lifecycle.onShutdown(() => watch.stop());
    return { name: 'loop', serve: (query, next) => watch.serve(query, next) };
  },
};
