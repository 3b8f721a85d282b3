/** The sections of a reply in another order: copied where something moves, since others may hold the same arrays. */
import type { ResourceRecord } from '../../dns/record.ts';
import { RrType } from '../../dns/types.ts';
import type { Reply } from '../reply.ts';

export type Section = readonly ResourceRecord[];

/** A section by what its records are to a client, each group in the order it had. */
export interface Groups {
  readonly aliases: ResourceRecord[];
  readonly rest: ResourceRecord[];
  readonly addresses: ResourceRecord[];
  readonly mail: ResourceRecord[];
}

const ALIAS = 0;
const REST = 1;
const ADDRESS = 2;
const MAIL = 3;

function rankOf(type: number): number {
  if (type === RrType.A || type === RrType.AAAA) return ADDRESS;
  if (type === RrType.CNAME) return ALIAS;
  return type === RrType.MX ? MAIL : REST;
}

export function groupsOf(section: Section): Groups {
  const groups: Groups = { aliases: [], rest: [], addresses: [], mail: [] };
  const byRank = [groups.aliases, groups.rest, groups.addresses, groups.mail];
  for (const record of section) byRank[rankOf(record.type)]?.push(record);
  return groups;
}

/** Whether the groups stand in their order and none has a choice of addresses or mail servers: nothing can move. */
export function isSettled(section: Section): boolean {
  let last = ALIAS;
  // By index: an iterator would make an object for each record.
  for (let i = 0; i < section.length; i++) {
    const { type } = section[i] as ResourceRecord;
    const rank = rankOf(type);
    if (rank < last || (rank === last && rank >= ADDRESS)) return false;
    last = rank;
  }
  return true;
}

/** The reply with these sections; the same reply where they are its own. */
export function withSections(
  reply: Reply,
  sections: { readonly answer: Section; readonly authority?: Section; readonly additional: Section },
): Reply {
  const { answer, authority = reply.authority, additional } = sections;
  const same = answer === reply.answer && authority === reply.authority && additional === reply.additional;
  return same ? reply : { ...reply, answer, authority, additional };
}
