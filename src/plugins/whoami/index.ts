/** `whoami`: tells clients the address, port and protocol that they are seen with. */
import { noArgs, noBlock } from '../../corefile/args.ts';
import { parseAddress } from '../../dns/address.ts';
import { Name } from '../../dns/name.ts';
import { type ResourceRecord, record } from '../../dns/record.ts';
import { limits } from '../../limits.ts';
import type { Plugin, PluginFactory, Query } from '../plugin.ts';
import { makeReply, type Reply } from '../reply.ts';

const PROTOCOL_LABEL = { udp: Name.fromLabels(['_udp']), tcp: Name.fromLabels(['_tcp']) } as const;

export const whoamiPlugin: PluginFactory = {
  name: 'whoami',

  setup(directives): Plugin {
    for (const directive of directives) {
      noArgs(directive);
      noBlock(directive);
    }
    return { name: 'whoami', serve: whoami };
  },
};

/** The answer stays empty, whatever is asked: who asked stands in the additional section. */
function whoami(query: Query): Reply {
  const additional = [...addressRecord(query), ...portRecord(query)].map((found) => ({
    ...found,
    class: query.class,
  }));
  return makeReply({ aa: true, additional, plugin: 'whoami' });
}

function addressRecord({ name, client }: Query): ResourceRecord[] {
  // The link of a link-local address has no place in a record.
  const address = parseAddress(client.address.replace(/%.*$/, ''));
  if (address === undefined) return [];
  return [record(name, 0, { kind: address.length === 4 ? 'A' : 'AAAA', address })];
}

function portRecord({ name, client, transport }: Query): ResourceRecord[] {
  const label = PROTOCOL_LABEL[transport];
  // With one more label the longest names are none.
  if (label.wire.length - 1 + name.wire.length > limits.nameBytes) return [];
  const owner = label.concat(name);
  return [record(owner, 0, { kind: 'SRV', priority: 0, weight: 0, port: client.port, target: Name.root })];
}
