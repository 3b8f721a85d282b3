/** `debug`: debug lines in the log, and failing plugins that are not caught. */
import { noArgs, noBlock } from '../../corefile/args.ts';
import type { PluginFactory } from '../plugin.ts';

export const debugPlugin: PluginFactory = {
  name: 'debug',

  setup(directives, { settings }) {
    for (const directive of directives) {
      noArgs(directive);
      noBlock(directive);
    }
    settings.debug = true;
    return undefined;
  },
};
