import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseRecord } from '../../../src/dns/index.ts';
import { Rcode, RrType } from '../../../src/dns/types.ts';
import { loadbalancePlugin } from '../../../src/plugins/loadbalance/index.ts';
import type { Plugin } from '../../../src/plugins/plugin.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { mistakeOf } from '../../corefile/tokens.ts';
import { makeQuery } from '../../support/query.ts';
import { makeSetup, setUp, type TestSetup } from '../../support/setup.ts';
import { until } from '../../support/until.ts';

const answer = Array.from({ length: 8 }, (_, i) => parseRecord(`x.example. 60 A 10.0.0.${i}`));

function plugin(corefile: string, setup = makeSetup({ plugin: 'loadbalance' })): Plugin {
  const made = setUp(loadbalancePlugin, corefile, setup);
  if (made === undefined) throw new Error('no plugin');
  return made;
}

describe('the plugin', () => {
  const { serve } = plugin('loadbalance');
  const query = makeQuery({ name: 'x.example' });

  const validity = { kind: 'until', ms: 7 } as const;

  test('answers at once where the next plugin does, and keeps all but the order', () => {
    const given = makeReply({ answer, aa: true, plugin: 'kubernetes' });
    const reply = serve(query, () => given);
    expect(reply).not.toBeInstanceOf(Promise);
    expect({ ...reply, answer: undefined }).toEqual({ ...given, answer: undefined, isShuffled: true });
    expect(new Set((reply as Reply).answer)).toEqual(new Set(answer));
  });

  test('where the order is left to chance, each client gets one of its own', () => {
    expect(serve(query, () => makeReply({ answer, validity }))).toMatchObject({ validity, isShuffled: true });
    const sole = makeReply({ answer: answer.slice(0, 1), validity });
    expect(serve(query, () => sole)).toBe(sole);
  });

  test('waits where the next plugin does', async () => {
    const reply = await serve(query, async () => makeReply({ answer }));
    expect(new Set(reply.answer)).toEqual(new Set(answer));
  });

  test('shuffles anew for each reply', async () => {
    const orders = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const reply = await serve(query, () => makeReply({ answer }));
      orders.add(reply.answer.map((record) => answer.indexOf(record)).join());
    }
    expect(orders.size).toBeGreaterThan(15);
  });

  test.each([
    ['NXDOMAIN', { name: 'x.example' }, Rcode.NXDOMAIN],
    ['AXFR', { name: 'x.example', type: RrType.AXFR }, Rcode.NOERROR],
    ['IXFR', { name: 'x.example', type: RrType.IXFR }, Rcode.NOERROR],
  ])('leaves %s alone', (_, parts, rcode) => {
    const given = makeReply({ rcode, answer });
    expect(serve(makeQuery(parts), () => given)).toBe(given);
  });

  test('prefer comes after the shuffle', async () => {
    const preferring = plugin('loadbalance round_robin {\nprefer 10.0.0.5/32 10.0.0.2/31\n}');
    for (let i = 0; i < 20; i++) {
      const reply = await preferring.serve(query, () => makeReply({ answer }));
      const order = reply.answer.map((record) => answer.indexOf(record));
      expect(reply).toMatchObject({ validity: { kind: 'never' }, isShuffled: false });
      expect(order[0]).toBe(5);
      expect(order.slice(1, 3).toSorted()).toEqual([2, 3]);
    }
  });
});

describe('the Corefile', () => {
  test.each([
    ['loadbalance random', 'unknown policy: random'],
    ['loadbalance round_robin x', 'unknown property for round_robin'],
    ['loadbalance weighted', 'missing weight file argument'],
    ['loadbalance weighted a b', 'unexpected argument(s)'],
    ['loadbalance weighted a {\nreload\n}', 'reload duration value is missing'],
    ['loadbalance weighted a {\nreload 1s 2s\n}', 'unexpected argument'],
    ['loadbalance weighted a {\nreload soon\n}', "invalid reload duration 'soon'"],
    ['loadbalance weighted a {\nreload -1s\n}', "invalid reload duration '-1s'"],
    ['loadbalance round_robin {\nreload 1s\n}', "unknown property 'reload'"],
    ['loadbalance {\nfoo\n}', "unknown property 'foo'"],
    ['loadbalance {\nprefer 10.0.0.1\n}', 'invalid CIDR "10.0.0.1": invalid CIDR address: 10.0.0.1'],
    ['loadbalance {\nprefer 10.0.0.0/33\n}', 'invalid CIDR "10.0.0.0/33": invalid CIDR address: 10.0.0.0/33'],
  ])('%j: %s', (corefile, message) => {
    expect(mistakeOf(() => plugin(corefile))).toBe(message);
  });
});

describe('the weight file', () => {
  let folder = '';
  let setup: TestSetup;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weights-'));
    setup = makeSetup({ plugin: 'loadbalance' });
    setup.settings.root = folder;
  });

  afterEach(async () => {
    await setup.shutdown();
    await rm(folder, { recursive: true });
  });

  /** Whether the address is first in each of many answers: a weight of 255 against seven of 1 is not certain. */
  async function share(of: Plugin, index: number): Promise<number> {
    let first = 0;
    for (let i = 0; i < 200; i++) {
      const reply = await of.serve(makeQuery({ name: 'x.example' }), () => makeReply({ answer }));
      if (reply.answer[0] === answer[index]) first++;
    }
    return first / 200;
  }

  async function write(text: string): Promise<void> {
    await writeFile(join(folder, 'weights'), text);
  }

  test('is read below root, with names in any letter case and comments', async () => {
    await write('# weights\n\nX.Example.\n  10.0.0.3 255\n');
    const weighted = plugin('loadbalance weighted weights', setup);
    await setup.start();
    expect(await share(weighted, 3)).toBeGreaterThan(0.9);
    expect(setup.lines).toEqual([
      `[INFO] plugin/loadbalance: Successfully reloaded weight file ${join(folder, 'weights')}`,
    ]);
  });

  test('is read again after a change; a bad one is refused once and the weights stay', async () => {
    await write('x.example\n10.0.0.3 255\n');
    const weighted = plugin('loadbalance weighted weights {\nreload 50ms\n}', setup);
    await setup.start();
    await write('x.example\n10.0.0.6 255\n');
    await until('the new weights count', async () => (await share(weighted, 6)) > 0.9);
    await write('x.example\n10.0.0.1 256\n');
    const wrong = `[ERROR] plugin/loadbalance: wrong weight value:"256" in weight file ${join(folder, 'weights')}`;
    await until('the mistake is logged', () => setup.lines.includes(wrong));
    expect(await share(weighted, 6)).toBeGreaterThan(0.9);
    await write('x.example\n10.0.0.2 255\n');
    await until('the third weights count', async () => (await share(weighted, 2)) > 0.9);
    expect(setup.lines.filter((line) => line === wrong)).toHaveLength(1);
  });

  test('may appear later', async () => {
    const weighted = plugin('loadbalance weighted weights {\nreload 50ms\n}', setup);
    await setup.start();
    expect(setup.lines[0]).toMatch(
      /^\[WARNING\] plugin\/loadbalance: Failed to open weight file:.*ENOENT.* Will try again in 50ms$/,
    );
    await write('x.example\n10.0.0.4 255\n');
    await until('the weights count', async () => (await share(weighted, 4)) > 0.9);
  });

  test('must be there at the start if it is not read again', async () => {
    plugin('loadbalance weighted weights {\nreload 0\n}', setup);
    await expect(setup.start()).rejects.toThrow(/^weight file open error: .*ENOENT/);
  });

  test.each([
    [
      'x.example\n10.0.0.1\n',
      'wrong domain name:"10.0.0.1" in weight file FILE. (Maybe a missing weight value?)',
    ],
    ['x.example\n10.0.0.300 1\n', 'wrong IP address:"10.0.0.300" in weight file FILE'],
    ['x.example\n10.0.0.1 0\n', 'wrong weight value:"0" in weight file FILE'],
    ['x.example\n10.0.0.1 1.5\n', 'wrong weight value:"1.5" in weight file FILE'],
    ['10.0.0.1 1\n', 'missing domain name in weight file FILE'],
    ['x.example\n10.0.0.1 1 2\n', 'could not parse weight line:"10.0.0.1 1 2" in weight file FILE'],
    ['x..example\n', 'wrong domain name:"x..example" in weight file FILE: empty label in name'],
  ])('%j ends the start: %s', async (text, message) => {
    await write(text);
    plugin('loadbalance weighted weights', setup);
    await expect(setup.start()).rejects.toThrow(message.replace('FILE', join(folder, 'weights')));
  });

  test('has a bound, and must be a file', async () => {
    await write('#'.repeat(1024 * 1024 + 1));
    plugin('loadbalance weighted weights {\nreload 0\n}', setup);
    await expect(setup.start()).rejects.toThrow(/has 1048577 bytes: at most 1048576 are read/);
    const other = makeSetup();
    plugin(`loadbalance weighted ${folder} {\nreload 0\n}`, other);
    await expect(other.start()).rejects.toThrow(/is not a regular file/);
  });
});
