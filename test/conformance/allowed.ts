/**
 * The differences that are meant, each with its reason. All stand in "Differences from CoreDNS" of docs/corefile.md. A rule says
 * what both must have answered: another answer to the same question is a difference again.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Pair } from './compare.ts';
import { type AskedFor, askedFor, flawOf } from './flaws.ts';
import { CLASSES, TYPES } from './message.ts';
import { AA, hasFlag, type Reply, TC } from './reply.ts';

export interface Rule<Seen> {
  readonly name: string;
  readonly reason: string;
  readonly holds: (pair: Seen) => boolean;
}

/** Both have answered. */
interface Answered extends Pair, AskedFor {
  readonly coredns: Reply;
  readonly corvidns: Reply;
}

const NOERROR = 0;
const FORMERR = 1;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const REFUSED = 5;
const NOTIFY = 4;
/** IXFR, AXFR */
const TRANSFERS = [251, 252];

/** Variants with `cache`. */
const CACHING = ['kubeadm', 'keepttl', 'cache', 'dgram', 'multisocket'];

const isReverse = (name: string) => /\.(in-addr|ip6)\.arpa\.$/.test(name);

function isNoData({ rcode, answer, authority }: Reply): boolean {
  return rcode === NOERROR && answer.length === 0 && authority.some((record) => record.includes(' SOA '));
}

/** Names that are there for some type though CoreDNS denies them for others. */
function isNode({ name, variant }: Answered): boolean {
  // Found along the search path, as `hidden.pod` is at `hidden.pod.cluster.local`.
  if (variant.searchDomain !== undefined && name.endsWith(`.${variant.searchDomain}`)) return true;
  // Two of the variant `rewrite` stand for `svc.cluster.local`.
  if (/^[^.]+\.(renamed|regex)\.test\.$/.test(name)) return true;
  const zone = variant.zones.find((each) => name === each || name.endsWith(`.${each}`));
  if (zone === undefined) return /^(in-addr|ip6)\.arpa\.$/.test(name);
  const below = name.slice(0, -zone.length);
  return (
    ['', 'svc.', 'pod.', 'ns.dns.', 'dns-version.'].includes(below) || /^[^.]+\.(svc|pod)\.$/.test(below)
  );
}

export const rules: readonly Rule<Answered>[] = [
  {
    name: 'a name that exists for one type',
    reason: 'is never NXDOMAIN for another (RFC 8020)',
    holds: (pair) => pair.coredns.rcode === NXDOMAIN && isNoData(pair.corvidns) && isNode(pair),
  },
  {
    name: 'other types at a reverse name that has a PTR',
    reason: 'is never NXDOMAIN, nor asked of another server (RFC 8020)',
    holds: ({ name, type, coredns, corvidns }) =>
      isReverse(name) && type !== TYPES.PTR && coredns.rcode === NXDOMAIN && isNoData(corvidns),
  },
  {
    name: 'SOA of a name that does not exist',
    reason: 'it does not exist for any type',
    holds: ({ type, coredns, corvidns }) =>
      type === TYPES.SOA && isNoData(coredns) && corvidns.rcode === NXDOMAIN,
  },
  {
    name: 'name servers asked for with capital letters',
    reason: 'names have no case (RFC 4343)',
    holds: ({ name, type, hasCapitals, coredns, corvidns }) =>
      hasCapitals &&
      (type === TYPES.NS || name.startsWith('ns.dns.')) &&
      coredns.answer.length === 0 &&
      corvidns.rcode === NOERROR,
  },
  {
    name: 'labels before a whole ip6.arpa name',
    reason: 'it is another name',
    holds: ({ name, type, corvidns }) =>
      type === TYPES.PTR && /^([^.]+\.){33,35}ip6\.arpa\.$/.test(name) && corvidns.rcode === NXDOMAIN,
  },
  {
    name: 'another class than IN',
    reason: 'names of the cluster are of class IN: the query is passed on',
    holds: (pair) => pair.class !== CLASSES.IN && !hasFlag(pair.corvidns, AA),
  },
  {
    name: 'a query that is not whole',
    reason: 'counts, pointers and OPT records must be as the RFCs say (RFC 1035 §4.1.4, RFC 6891 §6.1)',
    holds: ({ question, corvidns }) => flawOf(question.octets) !== undefined && corvidns.rcode === FORMERR,
  },
  {
    name: 'unknown EDNS flags',
    reason: 'are not echoed (RFC 6891 §6.1.4)',
    holds: ({ coredns, corvidns }) =>
      / z=[1-9]/.test(coredns.opt) &&
      sameBut(coredns, corvidns, { opt: corvidns.opt.replace('z=0', zOf(coredns)) }),
  },
  {
    name: 'a truncated reply',
    reason: 'which records fit depends on their order, which is random',
    holds: ({ coredns, corvidns }) =>
      hasFlag(coredns, TC) &&
      hasFlag(corvidns, TC) &&
      sameBut(coredns, corvidns, {
        answer: coredns.answer,
        additional: coredns.additional,
        authority: coredns.authority,
      }),
  },
  {
    name: 'namespace_labels and PTR',
    reason: 'what is not exposed has no names in either direction',
    holds: ({ variant, type, corvidns }) =>
      variant.name === 'namespace_labels' && type === TYPES.PTR && corvidns.rcode === NXDOMAIN,
  },
  {
    name: 'the reason of acl',
    reason: 'an OPT record is only for who has sent one, with its DO bit (RFC 6891 §6.1.1, RFC 3225 §3)',
    holds: ({ variant, coredns, corvidns }) =>
      variant.name === 'acl' &&
      /options=\[15:00(0f|11)\]$/.test(coredns.opt) &&
      sameBut(coredns, corvidns, { opt: coredns.opt }),
  },
  {
    name: 'the DO bit of nsid',
    reason: "it is the client's (RFC 3225 §3)",
    holds: ({ variant, coredns, corvidns }) =>
      variant.name === 'small plugins' &&
      coredns.opt.includes('do=true z=0 options=[3:') &&
      sameBut(coredns, corvidns, { opt: corvidns.opt.replace('do=false', 'do=true') }),
  },
  {
    name: 'a refusal behind minimal',
    reason:
      'what kubernetes refuses is REFUSED; CoreDNS stumbles over the reply that is not there yet, and says SERVFAIL',
    holds: ({ variant, type, coredns, corvidns }) =>
      variant.name === 'small plugins' &&
      TRANSFERS.includes(type) &&
      coredns.rcode === SERVFAIL &&
      corvidns.rcode === REFUSED,
  },
  {
    name: 'zone transfers behind rewrite',
    reason: 'are passed on as they are',
    holds: ({ variant, type, name }) =>
      variant.name === 'rewrite' && TRANSFERS.includes(type) && /\.(renamed|regex)\.test\.$/.test(name),
  },
  {
    name: 'an illegal client subnet',
    reason: 'an EDNS option that the server makes nothing of is not looked into',
    holds: ({ question, coredns, corvidns }) =>
      hasSubnet(question.octets) &&
      coredns.rcode === FORMERR &&
      coredns.opt === 'none' &&
      corvidns.opt !== 'none',
  },
  {
    name: 'an address record of another class',
    reason: 'four octets are an address in class IN; what other classes hold is not known (RFC 1035 §3.4.1)',
    holds: ({ question, coredns, corvidns }) =>
      flawOf(question.octets) === 'address length' && coredns.rcode === FORMERR && corvidns.rcode !== FORMERR,
  },
  {
    name: 'letter case behind autopath',
    reason: 'the question of a reply is that of its query, letter by letter (RFC 1035 §4.1.1)',
    holds: ({ variant, hasCapitals, coredns, corvidns }) =>
      variant.name === 'autopath' &&
      hasCapitals &&
      isDeepStrictEqual(inLowerCase(coredns), inLowerCase(corvidns)),
  },
  {
    name: 'what exists along the path of autopath',
    reason:
      'decides for every type (RFC 8020); with NODATA of the name as it is the client learns that it was the last one',
    holds: ({ variant, name, type, coredns, corvidns }) =>
      variant.name === 'autopath' &&
      coredns.answer.length === 0 &&
      (name === variant.searchDomain
        ? coredns.rcode === SERVFAIL && isNoData(corvidns)
        : [TYPES.SOA, TYPES.TXT].includes(type)
          ? corvidns.answer.length > 0
          : corvidns.answer.length === 1 &&
            corvidns.answer[0]?.includes(' CNAME ') === true &&
            isDeepStrictEqual(inLowerCase(coredns), inLowerCase({ ...corvidns, answer: [] }))),
  },
  {
    name: 'an alias at the first name of autopath',
    reason: 'a name has one CNAME (RFC 2181 §10.1)',
    holds: ({ variant, ...pair }) => {
      const [coredns, corvidns] = [inLowerCase(pair.coredns), inLowerCase(pair.corvidns)];
      return (
        variant.name === 'autopath' &&
        coredns.answer.length === corvidns.answer.length + 1 &&
        corvidns.answer.every((record) => coredns.answer.includes(record)) &&
        sameBut(coredns, corvidns, { answer: coredns.answer })
      );
    },
  },
  {
    name: 'NOTIFY behind autopath',
    reason: 'it is no question, so nothing is searched for',
    holds: ({ variant, opcode, corvidns }) =>
      variant.name === 'autopath' && opcode === NOTIFY && corvidns.rcode === NXDOMAIN,
  },
  {
    name: 'NOTIFY behind cache',
    reason: 'it is no question: it passes the cache, and the upstream drops it',
    holds: ({ variant, opcode, coredns, corvidns }) =>
      CACHING.includes(variant.name) &&
      opcode === NOTIFY &&
      isDeepStrictEqual(ageless(coredns), ageless(corvidns)),
  },
  {
    name: 'cluster names behind cache',
    reason:
      'what is in memory is not kept a second time: a change is seen at once; TTLs and letter case are those of this answer',
    holds: ({ variant, name, coredns, corvidns }) =>
      CACHING.includes(variant.name) &&
      isOfCluster(name) &&
      isDeepStrictEqual(inLowerCase(ageless(coredns)), inLowerCase(ageless(corvidns))),
  },
  {
    name: 'a kept or shared answer of an upstream',
    reason:
      'has its age, by the clock of each server, and the letters of its first or of this client: queries of one name at one time are one question to the upstream',
    holds: ({ variant, name, coredns, corvidns }) =>
      !isOfCluster(name) &&
      (CACHING.includes(variant.name)
        ? isDeepStrictEqual(inLowerCase(ageless(coredns)), inLowerCase(ageless(corvidns)))
        : isDeepStrictEqual(inLowerCase(coredns), inLowerCase(corvidns))),
  },
];

/** One of them gave no reply. */
const silences: readonly Rule<Pair & AskedFor>[] = [
  {
    name: 'NOTIFY behind cache',
    reason: 'it is no question: it passes the cache, and the upstream drops it',
    holds: ({ variant, opcode, corvidns }) =>
      CACHING.includes(variant.name) && opcode === NOTIFY && corvidns === undefined,
  },
  {
    name: 'NOTIFY behind autopath',
    reason: 'it is no question, so nothing is searched for',
    holds: ({ variant, opcode, corvidns }) =>
      variant.name === 'autopath' && opcode === NOTIFY && corvidns?.rcode === NXDOMAIN,
  },
  {
    name: 'a query that is not whole',
    reason: 'it is FORMERR before acl could drop it',
    holds: ({ variant, question, coredns, corvidns }) =>
      variant.name === 'acl' &&
      flawOf(question.octets) !== undefined &&
      coredns === undefined &&
      corvidns?.rcode === FORMERR,
  },
  {
    name: 'PTR to an EndpointSlice of no Service',
    reason: 'the name that CoreDNS makes has an empty label, and is never sent',
    holds: ({ name, type, coredns, corvidns }) =>
      type === TYPES.PTR && OWNERLESS.test(name) && coredns === undefined && corvidns?.rcode === NXDOMAIN,
  },
];

/** The addresses of the slices in world/ that have no Service's name. */
const OWNERLESS = /^(61|101|102|111|112|121)\.100\.51\.198\.in-addr\.arpa\.$/;

/** RFC 7871: the option that the questions of questions.ts end in. */
function hasSubnet(octets: Buffer): boolean {
  return octets.indexOf(Buffer.of(0, 8, 0, 7)) > 0;
}

const zOf = ({ opt }: Reply) => / (z=\d+)/.exec(opt)?.[1] ?? '';

const isOfCluster = (name: string) => /(^|\.)(cluster\.local|(in-addr|ip6)\.arpa)\.$/.test(name);

/** Without the TTLs. */
function ageless(reply: Reply): Reply {
  const without = (records: readonly string[]) =>
    records.map((record) => record.replace(/^(\S+) \d+ /, '$1 - '));
  return {
    ...reply,
    answer: without(reply.answer),
    authority: without(reply.authority),
    additional: without(reply.additional),
  };
}

function inLowerCase(reply: Reply): Reply {
  const lower = (records: readonly string[]) => records.map((record) => record.toLowerCase()).toSorted();
  return {
    ...reply,
    question: reply.question.toLowerCase(),
    answer: lower(reply.answer),
    authority: lower(reply.authority),
    additional: lower(reply.additional),
  };
}

/** Whether they are equal once the second has these parts. */
function sameBut(coredns: Reply, corvidns: Reply, parts: Partial<Reply>): boolean {
  return isDeepStrictEqual(coredns, { ...corvidns, ...parts });
}

export function ruleFor(pair: Pair): string | undefined {
  const { coredns, corvidns, question } = pair;
  const asked = askedFor(question.octets);
  if (coredns === undefined || corvidns === undefined) {
    return silences.find(({ holds }) => holds({ ...pair, ...asked }))?.name;
  }
  const answered = { ...pair, ...asked, coredns, corvidns };
  return rules.find(({ holds }) => holds(answered))?.name;
}

/** All rules by name, with the reason of each. */
export const reasons: ReadonlyMap<string, string> = new Map(
  [...silences, ...rules].map(({ name, reason }) => [name, reason]),
);
