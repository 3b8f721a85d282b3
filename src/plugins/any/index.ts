/** `any`: a short answer to queries of type ANY, in place of all records of the name (RFC 8482 §4.2). */
import { CONSTANT } from '../../cluster/generation.ts';
import { noArgs, noBlock } from '../../corefile/args.ts';
import { record } from '../../dns/record.ts';
import { RrClass, RrType } from '../../dns/types.ts';
import type { Plugin, PluginFactory, Query } from '../plugin.ts';
import { makeReply, type Reply } from '../reply.ts';

const TTL_SECONDS = 8482;
const HINFO = { kind: 'HINFO', cpu: Buffer.from('ANY obsoleted'), os: Buffer.from('See RFC 8482') } as const;

export const anyPlugin: PluginFactory = {
  name: 'any',

  setup(directives): Plugin {
    for (const directive of directives) {
      noArgs(directive);
      noBlock(directive);
    }
    return {
      name: 'any',
      serve: (query, next) =>
        query.type === RrType.ANY && query.class === RrClass.IN ? obsoleted(query) : next(query),
    };
  },
};

function obsoleted({ name }: Query): Reply {
  return makeReply({
    answer: [record(name, TTL_SECONDS, HINFO)],
    validity: { kind: 'while', of: CONSTANT, generation: CONSTANT.current },
    plugin: 'any',
  });
}
