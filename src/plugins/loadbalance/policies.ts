/** Orders of records: which address a client sees first is the one that most clients use. */
import { RrType } from '../../dns/types.ts';
import { type FastRandom, swap } from '../random.ts';
import type { Reply } from '../reply.ts';
import { groupsOf, isSettled, type Section, withSections } from './sections.ts';
import { isInSubnet, type Subnet } from './subnet.ts';
import type { Weights } from './weights.ts';

/** A reply with its records in another order, for a question of the given type. */
export type Policy = (reply: Reply, type: number) => Reply;

/** Addresses in any order, then mail servers in any order, behind all else. */
export function roundRobin(random: FastRandom): Policy {
  const shuffled = (section: Section): Section => {
    if (isSettled(section)) return section;
    const { aliases, rest, addresses, mail } = groupsOf(section);
    random.shuffle(addresses);
    random.shuffle(mail);
    return [...aliases, ...rest, ...addresses, ...mail];
  };
  return (reply) => {
    const { answer, authority, additional } = reply;
    // Nearly all: one address, or none.
    if (isSettled(answer) && isSettled(authority) && isSettled(additional)) return reply;
    return withSections(reply, {
      answer: shuffled(answer),
      authority: shuffled(authority),
      additional: shuffled(additional),
    });
  };
}

const WEIGHTED_TYPES: ReadonlySet<number> = new Set([RrType.A, RrType.AAAA, RrType.SRV]);

/** One address comes first, with the likelihood that its weight gives it; the others keep their order. */
export function weighted(weights: () => Weights, random: FastRandom): Policy {
  const withTop = (section: Section): Section => {
    if (isSettled(section)) return section;
    const { aliases, rest, addresses, mail } = groupsOf(section);
    if (addresses.length === 0) return section;
    swap(addresses, 0, topIndex(addresses, weights(), random));
    return [...aliases, ...rest, ...addresses, ...mail];
  };
  return (reply, type) => {
    if (!WEIGHTED_TYPES.has(type)) return reply;
    return withSections(reply, { answer: withTop(reply.answer), additional: withTop(reply.additional) });
  };
}

function topIndex(addresses: Section, weights: Weights, random: FastRandom): number {
  const each = addresses.map((record) => weights.of(record));
  let left = random.below(each.reduce((sum, weight) => sum + weight, 0));
  return each.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
}

/** Addresses within the subnets come first, in the order of the subnets; each keeps its place among its like. */
export function prefer(subnets: readonly Subnet[]): Policy {
  const place = (record: Section[number]): number => {
    const { data } = record;
    if (data.kind !== 'A' && data.kind !== 'AAAA') return subnets.length;
    const index = subnets.findIndex((subnet) => isInSubnet(data.address, subnet));
    return index < 0 ? subnets.length : index;
  };
  const preferred = (section: Section): Section => {
    if (isSettled(section)) return section;
    const { aliases, rest, addresses, mail } = groupsOf(section);
    addresses.sort((a, b) => place(a) - place(b));
    return [...aliases, ...addresses, ...mail, ...rest];
  };
  return (reply) =>
    withSections(reply, { answer: preferred(reply.answer), additional: preferred(reply.additional) });
}
