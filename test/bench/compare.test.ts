/** What the comparison reads out of others' words, and what it makes of its figures. */
import { describe, expect, test } from 'vitest';
import { document } from '../../bench/compare/document.ts';
import { goals, isReached } from '../../bench/compare/goals.ts';
import { latencyIn } from '../../bench/compare/latency.ts';
import type { ContestantResults, Results } from '../../bench/compare/results.ts';
import { contestants } from '../../bench/compare/servers.ts';
import { median, percentile } from '../../bench/statistics.ts';
import { udpDropsIn } from '../support/process-figures.ts';

test.each([
  ['> NOERROR web-1.team-1.svc.cluster.local. A 0.000123', 0.123],
  ['> NXDOMAIN x. A 1.5', 1500],
  ['  Queries per second:   130000.5', undefined],
  ['> T web. A', undefined],
  ['', undefined],
])('%j waited %s ms', (line, milliseconds) => {
  const found = latencyIn(line);
  if (milliseconds === undefined) expect(found).toBeUndefined();
  else expect(found).toBeCloseTo(milliseconds);
});

test('drops are summed over the sockets of a port', () => {
  const row = (slot: number, address: string, drops: number) =>
    `  ${slot}: ${address} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 41852 2 0000000000000000 ${drops}`;
  const table = ['  sl  local_address rem_address', row(1, '0100007F:3BF9', 7), row(2, '0100007F:3BF9', 5)];
  const other = row(3, '0100007F:3BFA', 100);
  expect(udpDropsIn([...table, other, ''].join('\n'), [0x3bf9])).toBe(12);
  expect(udpDropsIn(table.join('\n'), [53])).toBe(0);
});

test.each([
  [[3, 1, 2], 50, 2],
  [[3, 1, 2], 99, 3],
  [[1, 2, 3, 4], 50, 2],
  [[5], 1, 5],
])('of %j the %d. percentile is %d', (values, percent, expected) => {
  expect(percentile(values, percent)).toBe(expected);
});

test('nothing has no median', () => {
  expect(median([])).toBeNaN();
});

/** Each server needs so many microseconds for anything. */
function resultsOf(micros: Readonly<Record<string, number>>, p99 = 1): Results {
  const figuresOf = (cpuMicrosPerQuery: number) => [
    { queriesPerSecond: 1e6 / cpuMicrosPerQuery, cpuMicrosPerQuery, lost: 0, dropped: 0 },
  ];
  return {
    ...{ rounds: 1, seconds: 1, rate: 1000, receiveBufferBytes: 4096, versions: { CoreDNS: '1.14.7' } },
    rig: { processor: 'one', kernel: '6', node: '26' },
    contestants: contestants.map(({ name }): ContestantResults => {
      const figures = figuresOf(micros[name] ?? 1);
      const isKnot = name === 'Knot DNS';
      return {
        ...{ name, readySeconds: isKnot ? undefined : 1, rssMiB: 100, latency: [{ p50: 1, p90: 1, p99 }] },
        loads: isKnot
          ? { addresses: figures }
          : { mix: figures, addresses: figures, missing: figures, cached: figures, forwarded: figures },
        freshness: isKnot ? undefined : { created: [1, 2], deleted: [60, 60] },
      };
    }),
  };
}

describe('the goals', () => {
  const core = { 'CoreDNS, cache 30': 20, 'CoreDNS, newer kubeadm': 40, 'CoreDNS, no cache': 30 };

  test('are ratios to the server that each names', () => {
    const found = goals(resultsOf({ ...core, 'Knot DNS': 4, corvidns: 5, 'corvidns, dgram': 9 }));
    expect(found.map((goal) => [goal.found, isReached(goal)])).toEqual([
      [5 / 20, true],
      [5 / 30, true],
      [5 / 40, true],
      [5 / 4, false],
      [1 / 4, true],
      [9, true],
      [5 / 20, true],
      [5 / 20, true],
      [5 / 20, true],
      [1, true],
      [2, true],
      [60, false],
    ]);
  });

  test('that were not measured are not reached', () => {
    const none = goals({ ...resultsOf({}), contestants: [] });
    expect(none.every((goal) => goal.found === undefined && !isReached(goal))).toBe(true);
  });
});

test('the document has each server in the tables of what it was asked, and what commands have printed', () => {
  const printed = [{ title: 'A table', command: 'npm run one', text: '  figures\n' }];
  const text = document(resultsOf({ 'Knot DNS': 4 }), printed);
  const rows = (name: string) => text.split('\n').filter((line) => line.startsWith(`| ${name} |`)).length;
  expect(rows('corvidns')).toBe(5 + 3);
  expect(rows('Knot DNS')).toBe(1 + 2);
  expect(text).toContain('## A table\n\n`npm run one`\n\n```text\nfigures\n```');
  expect(text).not.toContain('NaN');
});
