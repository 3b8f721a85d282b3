/** Answers cluster names from the store; follows ExternalNames that leave the zone through the whole server. */

import { EitherGeneration } from '../../cluster/generation.ts';
import type { ClusterZone } from '../../cluster/zone/cluster-zone.ts';
import type { Lookup } from '../../cluster/zone/lookup.ts';
import { rcodeOf } from '../../cluster/zone/lookup.ts';
import type { Name } from '../../dns/name.ts';
import { RrClass } from '../../dns/types.ts';
import type { Fallthrough } from '../fallthrough.ts';
import type { Handler, Plugin, Query } from '../plugin.ts';
import { makeReply, NEVER, type Reply, whenReplied } from '../reply.ts';

const NAME = 'kubernetes';

export class KubernetesPlugin implements Plugin {
  readonly name = NAME;
  /** Longest first. */
  readonly #zones: readonly ClusterZone[];
  readonly #fallthrough: Fallthrough;

  constructor(zones: readonly ClusterZone[], fallthrough: Fallthrough) {
    this.#zones = zones.toSorted((a, b) => b.origin.labelCount - a.origin.labelCount);
    this.#fallthrough = fallthrough;
  }

  serve(query: Query, next: Handler): Reply | Promise<Reply> {
    const zone = this.#zoneOf(query.name);
    if (zone === undefined || query.class !== RrClass.IN) return next(query);
    const lookup = zone.lookup(query.name, query.type);
    const isMissing = lookup.outcome === 'nxdomain' || lookup.outcome === 'unsynced';
    if (isMissing && this.#fallthrough.covers(query.name))
      return whenReplied(next(query), (reply) => whileMissing(lookup, reply));
    if (lookup.chase === undefined) return replyOf(lookup);
    return whenReplied(query.resolve(lookup.chase, query.type), (chased) => replyWithChase(lookup, chased));
  }

  #zoneOf(name: Name): ClusterZone | undefined {
    for (const zone of this.#zones) if (name.isWithin(zone.origin)) return zone;
    return undefined;
  }
}

function replyOf(lookup: Lookup): Reply {
  const { outcome, answer, authority, additional, reason, validWhile } = lookup;
  const { of, generation } = validWhile;
  return makeReply({
    rcode: rcodeOf[outcome],
    aa: outcome !== 'refused',
    answer,
    authority,
    additional,
    reason,
    validity: outcome === 'unsynced' ? NEVER : { kind: 'while', of, generation },
    plugin: outcome === 'refused' ? '' : NAME,
  });
}

/** Another plugin's reply stands no longer than the cluster is without the name. */
function whileMissing({ validWhile }: Lookup, reply: Reply): Reply {
  const { validity } = reply;
  if (validity.kind !== 'while') return reply;
  const of = new EitherGeneration(validWhile.of, validity.of);
  const generation = validWhile.generation + validity.generation;
  return { ...reply, validity: { kind: 'while', of, generation } };
}

/** The CNAME stands whatever became of its target; the rest of the target's answer is not the cluster's to give. */
function replyWithChase(lookup: Lookup, chased: Reply): Reply {
  return makeReply({
    aa: true,
    tc: chased.tc,
    answer: [...lookup.answer, ...chased.answer],
    reason: chased.answer.length === 0 ? chased.reason : undefined,
    plugin: NAME,
  });
}
