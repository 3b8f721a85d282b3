/** `loadbalance`: changes the order of addresses and mail servers from reply to reply. */
import { Rcode, RrType } from '../../dns/types.ts';
import { finishing } from '../finishing.ts';
import type { Plugin, PluginFactory, SetupContext } from '../plugin.ts';
import { FastRandom } from '../random.ts';
import { forThisClient } from '../reply.ts';
import { underRoot } from '../text-file.ts';
import { type LoadbalanceOptions, readOptions } from './options.ts';
import { type Policy, prefer, roundRobin, weighted } from './policies.ts';
import { WeightFile } from './weight-file.ts';

export const loadbalancePlugin: PluginFactory = {
  name: 'loadbalance',

  setup(directives, context): Plugin {
    const options = readOptions(directives);
    const order = makePolicy(options, context);
    const preferred = options.prefer.length === 0 ? undefined : prefer(options.prefer);
    const isAllChance = options.policy.kind === 'round_robin' && preferred === undefined;
    return finishing('loadbalance', ({ type }, reply) => {
      // The order of a zone transfer has a meaning (RFC 5936 §2.2).
      if (type === RrType.AXFR || type === RrType.IXFR) return reply;
      if (reply.rcode !== Rcode.NOERROR) return reply;
      const shuffled = order(reply, type);
      const ordered = preferred === undefined ? shuffled : preferred(shuffled, type);
      if (ordered === reply) return reply;
      // The next client gets an order of its own: one that is all chance the server can make too.
      return isAllChance ? { ...ordered, isShuffled: true } : forThisClient(ordered);
    });
  },
};

function makePolicy({ policy }: LoadbalanceOptions, context: SetupContext): Policy {
  const random = new FastRandom();
  if (policy.kind === 'round_robin') return roundRobin(random);
  const { settings, lifecycle, log } = context;
  const path = underRoot(policy.file, settings.root);
  const file = new WeightFile({ path, reloadMs: policy.reloadMs, log });
  lifecycle.onStart(() => file.start());
  lifecycle.onShutdown(() => file.stop());
  return weighted(() => file.weights, random);
}
