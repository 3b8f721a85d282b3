import { describe, expect, test } from 'vitest';
import { formatRdata, parseRecord } from '../../../src/dns/index.ts';
import type { ResourceRecord } from '../../../src/dns/record.ts';
import { RrType } from '../../../src/dns/types.ts';
import { type Policy, prefer, roundRobin, weighted } from '../../../src/plugins/loadbalance/policies.ts';
import { parseSubnet, type Subnet } from '../../../src/plugins/loadbalance/subnet.ts';
import { parseWeights, Weights } from '../../../src/plugins/loadbalance/weights.ts';
import { FastRandom } from '../../../src/plugins/random.ts';
import { makeReply } from '../../../src/plugins/reply.ts';

const SEED = [1, 2, 3, 4];

function records(...lines: string[]): ResourceRecord[] {
  return lines.map((line) => parseRecord(line, { defaultTtl: 60 }));
}

function addresses(count: number): ResourceRecord[] {
  return records(...Array.from({ length: count }, (_, i) => `x.example. A 10.0.0.${i}`));
}

function texts(section: readonly ResourceRecord[]): string[] {
  return section.map(({ data }) => formatRdata(data));
}

/** What came first in so many answers, and how often. */
function firsts(policy: Policy, answer: ResourceRecord[], draws: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i < draws; i++) {
    const first = texts(policy(makeReply({ answer }), RrType.A).answer)[0] ?? '';
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return counts;
}

describe('round_robin', () => {
  const policy = roundRobin(new FastRandom(SEED));

  test('groups a section: aliases, the rest in its order, addresses, mail servers', () => {
    const answer = records(
      'y.example. MX 10 m.example.',
      'y.example. A 10.0.0.1',
      'y.example. TXT "one"',
      'x.example. CNAME y.example.',
      'y.example. SRV 0 0 80 b.example.',
      'y.example. SRV 0 0 80 a.example.',
    );
    expect(texts(policy(makeReply({ answer }), RrType.A).answer)).toEqual([
      'y.example.',
      '"one"',
      '0 0 80 b.example.',
      '0 0 80 a.example.',
      '10.0.0.1',
      '10 m.example.',
    ]);
  });

  test.each(['answer', 'authority', 'additional'] as const)('shuffles the %s section', (name) => {
    const section = addresses(10);
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const shuffled = policy(makeReply({ [name]: section }), RrType.A)[name];
      expect(texts(shuffled).toSorted()).toEqual(texts(section).toSorted());
      seen.add(texts(shuffled).join());
    }
    expect(seen.size).toBeGreaterThan(15);
    expect(texts(section)).toEqual(texts(addresses(10)));
  });

  test('puts every address first about as often, IPv6 among IPv4', () => {
    const answer = [...addresses(3), ...records('x.example. AAAA fd00::1')];
    const counts = firsts(policy, answer, 4_000);
    expect([...counts.keys()].toSorted()).toEqual(['10.0.0.0', '10.0.0.1', '10.0.0.2', 'fd00::1']);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  test('shuffles mail servers', () => {
    const answer = records('x.example. MX 1 a.', 'x.example. MX 1 b.');
    expect([...firsts(policy, answer, 100).keys()].toSorted()).toEqual(['1 a.', '1 b.']);
  });

  test.each([
    ['one address', ['x.example. A 10.0.0.1']],
    ['an alias and its one address', ['x.example. CNAME y.example.', 'y.example. A 10.0.0.1']],
    ['records without a choice', ['x.example. SRV 0 0 1 b.', 'x.example. SRV 0 0 1 a.']],
  ])('leaves %s as it is, uncopied', (_, lines) => {
    const reply = makeReply({ answer: records(...lines) });
    expect(policy(reply, RrType.A)).toBe(reply);
  });

  test('never changes the arrays it is given', () => {
    const answer = Object.freeze(addresses(5)) as ResourceRecord[];
    for (let i = 0; i < 10; i++) policy(makeReply({ answer }), RrType.A);
  });
});

describe('weighted', () => {
  const weights = parseWeights('x.example\n10.0.0.0 7\n10.0.0.1 2\n', 'weights');
  const policy = weighted(() => weights, new FastRandom(SEED));

  test('an address comes first as often as its weight says; one without weight has 1', () => {
    const draws = 10_000;
    const counts = firsts(policy, addresses(3), draws);
    expect(Math.abs((counts.get('10.0.0.0') ?? 0) - 0.7 * draws)).toBeLessThan(0.02 * draws);
    expect(Math.abs((counts.get('10.0.0.1') ?? 0) - 0.2 * draws)).toBeLessThan(0.02 * draws);
    expect(Math.abs((counts.get('10.0.0.2') ?? 0) - 0.1 * draws)).toBeLessThan(0.02 * draws);
  });

  test('changes places of two, and leaves the others', () => {
    const orders = new Set<string>();
    for (let i = 0; i < 200; i++) {
      orders.add(texts(policy(makeReply({ answer: addresses(3) }), RrType.A).answer).join(' '));
    }
    expect([...orders].toSorted()).toEqual([
      '10.0.0.0 10.0.0.1 10.0.0.2',
      '10.0.0.1 10.0.0.0 10.0.0.2',
      '10.0.0.2 10.0.0.1 10.0.0.0',
    ]);
  });

  test('is for questions of A, AAAA and SRV, and not for the authority section', () => {
    const reply = makeReply({ answer: addresses(3) });
    expect(policy(reply, RrType.TXT)).toBe(reply);
    const other = makeReply({ authority: addresses(3) });
    expect(policy(other, RrType.A)).toBe(other);
    const additional = new Set<string>();
    for (let i = 0; i < 200; i++) {
      additional.add(texts(policy(makeReply({ additional: addresses(3) }), RrType.SRV).additional)[0] ?? '');
    }
    expect(additional.size).toBe(3);
  });

  test('without a weight file every address has the same weight', () => {
    const counts = firsts(
      weighted(() => Weights.none, new FastRandom(SEED)),
      addresses(2),
      2_000,
    );
    expect(Math.abs((counts.get('10.0.0.0') ?? 0) - 1_000)).toBeLessThan(120);
  });
});

describe('prefer', () => {
  function subnets(...cidrs: string[]): Subnet[] {
    return cidrs.map(parseSubnet).filter((subnet) => subnet !== undefined);
  }

  test('sorts addresses by the first subnet they are in, else keeps their order', () => {
    const answer = records(
      'x.example. A 10.9.30.1',
      'x.example. A 192.0.2.1',
      'x.example. A 10.9.20.5',
      'x.example. AAAA 2001:db8::1',
      'x.example. A 10.9.20.3',
      'x.example. AAAA fd00::1',
      'a.example. CNAME x.example.',
      'x.example. MX 1 m.',
      'x.example. TXT "t"',
    );
    const policy = prefer(subnets('2001:db8::/32', '10.9.20.0/24', '10.9.30.0/24'));
    expect(texts(policy(makeReply({ answer }), RrType.A).answer)).toEqual([
      'x.example.',
      ...['2001:db8::1', '10.9.20.5', '10.9.20.3', '10.9.30.1', '192.0.2.1', 'fd00::1'],
      ...['1 m.', '"t"'],
    ]);
  });

  test.each([
    ['10.0.0.128/25', '10.0.0.127', '10.0.0.128'],
    ['0.0.0.0/0', 'fd00::1', '255.255.255.255'],
    ['10.0.0.7/32', '10.0.0.6', '10.0.0.7'],
    ['fd00:0:0:8::/61', 'fd00:0:0:7::1', 'fd00:0:0:f::1'],
    ['192.0.2.99/24', '192.0.3.1', '192.0.2.1'],
  ])('%s puts off %s and prefers %s', (cidr, outside, inside) => {
    const line = (address: string) => `x. ${address.includes(':') ? 'AAAA' : 'A'} ${address}`;
    const answer = records(line(outside), line(inside));
    const ordered = prefer(subnets(cidr))(makeReply({ answer }), RrType.A).answer;
    expect(texts(ordered)).toEqual([inside, outside]);
  });

  test('the authority section stays', () => {
    const reply = makeReply({ authority: addresses(3).toReversed() });
    expect(prefer(subnets('10.0.0.0/32'))(reply, RrType.A)).toBe(reply);
  });
});
