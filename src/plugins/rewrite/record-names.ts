/** Names in the records of a reply: those who own them, and those that they hold. */
import type { Name } from '../../dns/name.ts';
import type { Rdata, ResourceRecord } from '../../dns/record.ts';
import type { Reply } from '../reply.ts';
import { IllegalName, toName } from './names.ts';
import type { ResponseRule } from './rule.ts';

/** What a name becomes, as text with the letter case that it has; undefined: it stays. */
export type Renamer = (text: string) => string | undefined;

/** A name, and what is below it, back to another. */
export function backTo(from: string, to: string): Renamer {
  return (text) => {
    const lower = text.toLowerCase();
    if (lower === from) return to;
    return lower.endsWith(`.${from}`) ? text.slice(0, text.length - from.length) + to : undefined;
  };
}

export function backToSuffix(from: string, to: string): Renamer {
  return (text) =>
    text.toLowerCase().endsWith(from) ? text.slice(0, text.length - from.length) + to : undefined;
}

export function renameOwners(renamer: Renamer): ResponseRule {
  return mapRecords(renamer, (record, rename) => {
    const owner = rename(record.owner);
    return owner === record.owner ? record : { ...record, owner };
  });
}

export function renameValues(renamer: Renamer): ResponseRule {
  return mapRecords(renamer, (record, rename) => {
    const data = withNames(record.data, rename);
    return data === record.data ? record : { ...record, data };
  });
}

type Rename = (name: Name) => Name;

function mapRecords(
  renamer: Renamer,
  map: (record: ResourceRecord, rename: Rename) => ResourceRecord,
): ResponseRule {
  return (reply) => {
    const known = new Map<Name, Name>();
    const rename: Rename = (name) => {
      let renamed = known.get(name);
      if (renamed === undefined) {
        const text = renamer(name.toString());
        renamed = text === undefined ? name : toName(text);
        known.set(name, renamed);
      }
      return renamed;
    };
    try {
      return mapSections(reply, (record) => map(record, rename));
    } catch (error) {
      if (error instanceof IllegalName) return error.reply;
      throw error;
    }
  };
}

export function mapSections(reply: Reply, map: (record: ResourceRecord) => ResourceRecord): Reply {
  return {
    ...reply,
    answer: reply.answer.map(map),
    authority: reply.authority.map(map),
    additional: reply.additional.map(map),
  };
}

/** The types whose names CoreDNS rewrites. */
function withNames(data: Rdata, rename: Rename): Rdata {
  switch (data.kind) {
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
    case 'SRV': {
      const target = rename(data.target);
      return target === data.target ? data : { ...data, target };
    }
    case 'MX': {
      const exchange = rename(data.exchange);
      return exchange === data.exchange ? data : { ...data, exchange };
    }
    case 'NAPTR': {
      const replacement = rename(data.replacement);
      return replacement === data.replacement ? data : { ...data, replacement };
    }
    case 'SOA': {
      const mname = rename(data.mname);
      return mname === data.mname ? data : { ...data, mname };
    }
    default:
      return data;
  }
}
