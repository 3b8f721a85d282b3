/** `root`: the directory that relative file names of the block start from. */
import { statSync } from 'node:fs';
import { noBlock, onlyArg } from '../../corefile/args.ts';
import { errorAt } from '../../corefile/ast.ts';
import type { PluginFactory } from '../plugin.ts';

export const rootPlugin: PluginFactory = {
  name: 'root',

  setup(directives, { settings, log }) {
    for (const directive of directives) {
      const path = onlyArg(directive);
      noBlock(directive);
      try {
        statSync(path.text);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== 'ENOENT') throw errorAt(path, `unable to access root path '${path.text}': ${message}`);
        // It may appear later.
        log.warning(`Root path does not exist: ${path.text}`);
      }
      settings.root = path.text;
    }
    return undefined;
  },
};
