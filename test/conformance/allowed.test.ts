/** A rule allows what it names and nothing else. */
import { expect, test } from 'vitest';
import { ruleFor } from './allowed.ts';
import { flawOf } from './flaws.ts';
import { queryOctets, TYPES } from './message.ts';
import type { Reply } from './reply.ts';

const SOA = 'cluster.local. 5 1 SOA ns.dns.cluster.local. hostmaster.cluster.local. SERIAL 7200 1800 86400 5';
const empty: Reply = {
  ...{ rcode: 0, flags: '8500', question: '', answer: [], authority: [], additional: [], opt: 'none' },
};
const noData: Reply = { ...empty, authority: [SOA] };
const nxDomain: Reply = { ...noData, rcode: 3 };
const answer: Reply = { ...empty, answer: ['web.prod.svc.cluster.local. 5 1 A 10.96.0.1'] };
const longer: Reply = { ...empty, answer: ['web.prod.svc.cluster.local. 6 1 A 10.96.0.1'] };

test.each<[name: string, type: string, coredns: Reply, corvidns: Reply, rule: string | undefined]>([
  ['svc.cluster.local.', 'TXT', nxDomain, noData, 'a name that exists for one type'],
  ['web.prod.svc.cluster.local.', 'TXT', nxDomain, noData, undefined],
  ['svc.cluster.local.', 'TXT', noData, nxDomain, undefined],
  ['missing.prod.svc.cluster.local.', 'SOA', noData, nxDomain, 'SOA of a name that does not exist'],
  ['missing.prod.svc.cluster.local.', 'A', noData, nxDomain, undefined],
  ['web.prod.svc.cluster.local.', 'A', answer, noData, undefined],
  ['web.prod.svc.cluster.local.', 'A', answer, longer, undefined],
  ['web.prod.svc.cluster.local.', 'A', answer, { ...answer, flags: '8100' }, undefined],
  ['web.prod.svc.cluster.local.', 'A', answer, { ...answer, additional: answer.answer }, undefined],
])('%s %s', (name, type, coredns, corvidns, rule) => {
  const octets = queryOctets({ name, type: TYPES[type] ?? 0 });
  const variant = { name: 'bare', corefile: '', zones: ['cluster.local.'] };
  const question = { octets, transport: 'udp' } as const;
  expect(ruleFor({ question, variant, coredns, corvidns })).toBe(rule);
});

const whole = queryOctets({ name: 'a.b.', type: 1, edns: { size: 1232 } });
const opt = whole.subarray(-11);

function changed(at: number, number: number): Buffer {
  const octets = Buffer.from(whole);
  octets.writeUInt16BE(number, at);
  return octets;
}

test.each([
  ['none', whole, undefined],
  ['something behind it', Buffer.concat([whole, opt]), undefined],
  ['a question too many', changed(4, 9), 'record counts'],
  ['a record too many', changed(10, 2), 'record counts'],
  ['a second OPT record', Buffer.concat([changed(10, 2), opt]), 'two OPT records'],
  ['a pointer to itself', changed(12, 0xc00c), 'pointer forward'],
  ['a label of an unknown type', changed(12, 0x4000), 'label type'],
  ['an A record of no octets', changed(whole.length - 10, 1), 'address length'],
])('flaw: %s', (_what, octets, flaw) => {
  expect(flawOf(octets)).toBe(flaw);
});
