/** `bufsize`: bounds the UDP payload of clients with EDNS, so that replies are truncated and not fragmented. */
import { expectArgs, noBlock, parseInteger } from '../../corefile/args.ts';
import type { Directive } from '../../corefile/ast.ts';
import { limits } from '../../limits.ts';
import type { Plugin, PluginFactory } from '../plugin.ts';
import { whenReplied } from '../reply.ts';

/** What DNS Flag Day 2020 agreed on: it fits the smallest MTU of IPv6. */
const DEFAULT_BYTES = 1232;

export const bufsizePlugin: PluginFactory = {
  name: 'bufsize',

  setup(directives): Plugin {
    const [size = DEFAULT_BYTES] = directives.map(readSize);
    return {
      name: 'bufsize',
      serve: (query, next) => {
        const { message } = query;
        const { edns } = message;
        if (edns === undefined || edns.udpSize <= size) return next(query);
        // As if the client had said so: to the log, and to upstreams.
        const bounded = query.withMessage({ ...message, edns: { ...edns, udpSize: size } });
        return whenReplied(next(bounded), (reply) => ({
          ...reply,
          udpSize: Math.min(size, reply.udpSize ?? size),
        }));
      },
    };
  },
};

function readSize(directive: Directive): number {
  noBlock(directive);
  const [size] = expectArgs(directive, { min: 0, max: 1 });
  if (size === undefined) return DEFAULT_BYTES;
  return parseInteger(size, { min: limits.udpPayloadMinBytes, max: limits.bufsizeMaxBytes });
}
