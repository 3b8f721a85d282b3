import { expect, test } from 'vitest';
import { Name } from '../../../src/dns/name.ts';
import { limits } from '../../../src/limits.ts';
import { HostTable } from '../../../src/plugins/hosts/table.ts';

const options = { ttl: 60, zones: [Name.root], reverse: true };
const name = (text: string) => Name.fromText(text);

test('of more names than hostsNames the last are left out and counted', () => {
  const table = new HostTable({ ...options, reverse: false });
  for (let i = 0; i < limits.hostsNames; i++) table.add(`10.0.0.1 n${i}.example`);
  expect(table.surplusNames).toBe(0);
  table.add('10.0.0.1 one.more.example two.more.example');
  expect(table.surplusNames).toBe(2);
  expect(table.size).toBe(limits.hostsNames);
  expect(table.addresses(name(`n${limits.hostsNames - 1}.example`), 'A')).toHaveLength(1);
  expect(table.addresses(name('one.more.example'), 'A')).toHaveLength(0);
});

test('an address, or a name, that all lines have keeps hostsRecordsPerName', () => {
  const table = new HostTable(options);
  for (let i = 0; i <= limits.hostsRecordsPerName; i++) {
    table.add(`0.0.0.0 n${i}.example`);
    table.add(`10.0.${i >> 8}.${i & 255} same.example`);
  }
  expect(table.names(Uint8Array.from([0, 0, 0, 0]))).toHaveLength(limits.hostsRecordsPerName);
  expect(table.addresses(name('same.example'), 'A')).toHaveLength(limits.hostsRecordsPerName);
  expect(table.addresses(name(`n${limits.hostsRecordsPerName}.example`), 'A')).toHaveLength(1);
});

test('a wildcard of the root is for no name, as in CoreDNS', () => {
  const table = new HostTable(options);
  table.add('10.0.0.1 *.');
  for (const text of ['.', 'one.', 'two.labels.']) {
    expect(table.addresses(name(text), 'A')).toEqual([]);
  }
});

test('a long text is read in pieces, between which others have their turn', async () => {
  const table = new HostTable(options);
  const pieces = 20;
  let turns = 0;
  let done = false;
  const count = () => {
    turns++;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  await table.addAll('10.0.0.1 a.example\n'.repeat(pieces * limits.hostsLinesPerTurn));
  done = true;
  expect(turns).toBeGreaterThanOrEqual(pieces - 1);
  expect(table.addresses(name('a.example'), 'A')).toHaveLength(limits.hostsRecordsPerName);
});

test('records are made once: the same ones come again', () => {
  const table = new HostTable(options);
  table.add('10.0.0.1 a.example');
  const records = table.addresses(name('a.example'), 'A');
  expect(table.addresses(name('A.EXAMPLE'), 'A')).toBe(records);
});

test.each([
  ['', true],
  ['   ', true],
  ['# comment', true],
  ['10.0.0.1', true],
  ['10.0.0.1 name', true],
  ['\t10.0.0.1\tname\t', true],
  ['fe80::1%eth0 name', true],
  ['name 10.0.0.1', false],
  ['10.0.0.256 name', false],
  ['10.0.0 name', false],
])('%j begins with an address, or holds nothing: %s', (line, expected) => {
  expect(new HostTable(options).add(line)).toBe(expected);
});
