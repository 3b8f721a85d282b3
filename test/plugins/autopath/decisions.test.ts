/** Queries of all types for one name end at the same place, whatever changes between them. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/limits.ts';
import { type Answer, show, World } from './world.ts';

const ASKED = 'web.shop.svc.cluster.local.';
const SECOND = 'web.svc.cluster.local.';
const NODE = 'web.corp.example.';
const NX = 'NXDOMAIN | SOA shop.svc.cluster.local.';

const a = (owner: string) => [`${owner} 60 IN A 192.0.2.1`];
const aaaa = (owner: string) => [`${owner} 60 IN AAAA 2001:db8::1`];
const viaA = (owner: string) => `NOERROR | ${ASKED} 60 CNAME ${owner} | ${owner} 60 A 192.0.2.1`;
const viaAaaa = (owner: string) => `NOERROR | ${ASKED} 60 CNAME ${owner} | ${owner} 60 AAAA 2001:db8::1`;

type Changes = Readonly<Record<string, Answer>>;

/** A is asked, something changes, AAAA is asked: at one place alone. */
const rows: [what: string, before: Changes, after: Changes, first: string, place: string, second: string][] =
  [
    [
      'nothing changes',
      { 'web. A': a('web.'), 'web. AAAA': aaaa('web.') },
      {},
      viaA('web.'),
      'web.',
      viaAaaa('web.'),
    ],
    [
      'there is no address of the other kind',
      { 'web. A': a('web.'), 'web. AAAA': 'NODATA' },
      {},
      viaA('web.'),
      'web.',
      `NOERROR | ${ASKED} 30 CNAME web. | SOA .`,
    ],
    [
      'a Service of the namespace comes',
      { 'web.': a('web.') },
      { [ASKED]: aaaa(ASKED), 'web.': aaaa('web.') },
      viaA('web.'),
      'web.',
      viaAaaa('web.'),
    ],
    [
      'an upstream works again',
      { 'web.': a('web.') },
      { [NODE]: aaaa(NODE), 'web.': aaaa('web.') },
      viaA('web.'),
      'web.',
      viaAaaa('web.'),
    ],
    [
      'an upstream fails',
      { [NODE]: a(NODE) },
      { [NODE]: 'SERVFAIL', 'web.': aaaa('web.') },
      viaA(NODE),
      NODE,
      'SERVFAIL',
    ],
    [
      'what was found goes',
      { [SECOND]: a(SECOND) },
      { [SECOND]: 'NXDOMAIN', 'web.': aaaa('web.') },
      viaA(SECOND),
      SECOND,
      'NXDOMAIN | SOA svc.cluster.local.',
    ],
    ['what was not there comes', {}, { 'web.': aaaa('web.') }, NX, ASKED, NX],
    [
      'what was not there comes at the first',
      {},
      { [ASKED]: aaaa(ASKED) },
      NX,
      ASKED,
      `NOERROR | ${ASKED} 60 AAAA 2001:db8::1`,
    ],
    [
      'NODATA in the middle, and then more',
      { [SECOND]: 'NODATA', 'web.': a('web.') },
      { [SECOND]: aaaa(SECOND) },
      'NOERROR | SOA svc.cluster.local.',
      SECOND,
      viaAaaa(SECOND),
    ],
  ];

function change(world: World, changes: Changes): void {
  for (const [question, answer] of Object.entries(changes)) world.answers.set(question, answer);
}

test.each(rows)('%s', (_what, before, after, first, place, second) => {
  const world = new World(before);
  expect(world.ask(`${ASKED} A`)).toBe(first);
  change(world, after);
  world.asked.length = 0;
  expect(world.ask(`${ASKED.toUpperCase()} AAAA`).toLowerCase()).toBe(second.toLowerCase());
  expect(world.asked.map((question) => question.toLowerCase())).toEqual([`${place} aaaa`]);
});

describe('a decision', () => {
  test('ends after a while, however often it was asked for', () => {
    const world = new World({ 'web.': a('web.') });
    for (let waited = 0; waited < limits.autopathDecisionMs; waited += 1_000) {
      expect(world.ask(`${ASKED} A`)).toBe(viaA('web.'));
      change(world, { [ASKED]: a(ASKED) });
      world.nowMs += 1_000;
    }
    world.nowMs += 1;
    expect(world.ask(`${ASKED} A`)).toBe(`NOERROR | ${ASKED} 60 A 192.0.2.1`);
  });

  test('ends with what it led to', () => {
    const world = new World({ [SECOND]: a(SECOND), 'web.': a('web.') });
    expect(world.ask(`${ASKED} A`)).toBe(viaA(SECOND));
    change(world, { [SECOND]: 'NXDOMAIN' });
    expect(world.ask(`${ASKED} AAAA`)).toMatch(/^NXDOMAIN/);
    expect(world.ask(`${ASKED} A`)).toBe(viaA('web.'));
  });

  test('is not made by a failure', () => {
    const world = new World({ [NODE]: 'SERVFAIL', 'web.': a('web.') });
    expect(world.ask(`${ASKED} A`)).toBe('SERVFAIL');
    change(world, { [NODE]: 'NXDOMAIN' });
    world.asked.length = 0;
    expect(world.ask(`${ASKED} A`)).toBe(viaA('web.'));
    // What was known before the failure is not asked again.
    expect(world.asked).toEqual([`${NODE} A`, 'web. A']);
  });

  test('is for one name', () => {
    const world = new World({ 'web.': a('web.'), 'api.svc.cluster.local.': a('api.svc.cluster.local.') });
    expect(world.ask(`${ASKED} A`)).toBe(viaA('web.'));
    expect(world.ask('api.shop.svc.cluster.local. A')).toContain('CNAME api.svc.cluster.local.');
  });
});

describe('two queries at a time', () => {
  async function race(course: (world: World) => void | Promise<void>, before: Changes = {}) {
    const world = new World(before);
    world.pace = 'when released';
    const replies = [world.serve(`${ASKED} A`), world.serve(`${ASKED} AAAA`)];
    await course(world);
    return { world, texts: (await Promise.all(replies)).map(show) };
  }

  /** Lets everything that waits have its answer, until nothing waits. */
  async function releaseAll(world: World): Promise<void> {
    while (world.held.length > 0) {
      for (const question of world.held) world.release(question);
      await new Promise(setImmediate);
    }
  }

  test('go side by side', async () => {
    const { world, texts } = await race(releaseAll, { 'web. A': a('web.'), 'web. AAAA': aaaa('web.') });
    expect(texts).toEqual([viaA('web.'), viaAaaa('web.')]);
    expect(world.asked).toHaveLength(10);
  });

  test('end where the first reply says, though the second would say otherwise', async () => {
    const { texts } = await race(
      async (world) => {
        world.release(`${ASKED} A`);
        await new Promise(setImmediate);
        // A is at the second place by now: the first is decided.
        change(world, { [ASKED]: aaaa(ASKED) });
        await releaseAll(world);
      },
      { 'web. A': a('web.'), 'web. AAAA': aaaa('web.') },
    );
    expect(texts).toEqual([viaA('web.'), viaAaaa('web.')]);
  });

  test('end where one of them ended', async () => {
    const { texts } = await race(
      async (world) => {
        world.release(`${ASKED} A`);
        await new Promise(setImmediate);
        change(world, { [ASKED]: 'NXDOMAIN' });
        await releaseAll(world);
      },
      { [ASKED]: a(ASKED), 'web. AAAA': aaaa('web.') },
    );
    expect(texts).toEqual([`NOERROR | ${ASKED} 60 A 192.0.2.1`, NX]);
  });

  test('find nothing together: one reply, at the first name', async () => {
    const { texts } = await race(async (world) => {
      while (!world.held.includes('web. A')) {
        const question = world.held.find((held) => held.endsWith(' A'));
        if (question !== undefined) world.release(question);
        await new Promise(setImmediate);
      }
      world.release('web. A');
      await new Promise(setImmediate);
      change(world, { 'web.': aaaa('web.') });
      await releaseAll(world);
    });
    expect(texts).toEqual([NX, NX]);
  });
});
