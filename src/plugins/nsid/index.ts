/** `nsid`: tells clients that ask for it which server answers (RFC 5001). */
import { hostname } from 'node:os';
import { noBlock, onlyOnce } from '../../corefile/args.ts';
import { type Directive, errorAt } from '../../corefile/ast.ts';
import type { Edns } from '../../dns/message.ts';
import { limits } from '../../limits.ts';
import type { Plugin, PluginFactory } from '../plugin.ts';
import { NEVER, whenReplied } from '../reply.ts';

/** RFC 5001 §2.3. */
const NSID = 3;

export const nsidPlugin: PluginFactory = {
  name: 'nsid',

  setup(directives): Plugin {
    const own = { code: NSID, data: readIdentifier(onlyOnce(directives)) };
    return {
      name: 'nsid',
      serve: (query, next) => {
        // RFC 5001 §2.1: only to clients that ask.
        if (!asksForNsid(query.message.edns)) return next(query);
        return whenReplied(next(query), (reply) => {
          // An upstream that was asked too has put its own in.
          const others = reply.ednsOptions.filter(({ code }) => code !== NSID);
          // The same question without the option has another answer.
          return { ...reply, ednsOptions: [...others, own], validity: NEVER };
        });
      },
    };
  },
};

function asksForNsid(edns: Edns | undefined): boolean {
  return edns?.options.some(({ code }) => code === NSID) ?? false;
}

/** The text as it is: that programs print it in hexadecimal is their doing. */
function readIdentifier(directive: Directive): Uint8Array {
  noBlock(directive);
  const { args, name } = directive;
  const identifier = Buffer.from(args.length === 0 ? hostname() : args.map(({ text }) => text).join(' '));
  if (identifier.length > limits.nsidBytes) {
    throw errorAt(args[0] ?? name, `the identifier is over ${limits.nsidBytes} octets long`);
  }
  return identifier;
}
