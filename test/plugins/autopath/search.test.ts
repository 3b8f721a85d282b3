/** Which names are asked in turn, and what the client gets. */
import { describe, expect, test } from 'vitest';
import { NEVER } from '../../../src/plugins/reply.ts';
import { type Answer, PATH, show, World } from './world.ts';

const ASKED = 'web.shop.svc.cluster.local.';
const ALL = PATH.map((domain) => (domain === '.' ? 'web.' : `web.${domain}.`));
const NX = 'NXDOMAIN | SOA shop.svc.cluster.local.';

const a = (owner: string, ttl = 60) => `${owner} ${ttl} IN A 192.0.2.1`;

/** @param places of the path that are asked */
type Row = [what: string, answers: Readonly<Record<string, Answer>>, places: number, reply: string];

const rows: Row[] = [
  ['at the first', { [ASKED]: [a(ASKED)] }, 1, `NOERROR | ${ASKED} 60 A 192.0.2.1`],
  ['NODATA at the first', { [ASKED]: 'NODATA' }, 1, 'NOERROR | SOA shop.svc.cluster.local.'],
  [
    'at the second',
    { 'web.svc.cluster.local.': [a('web.svc.cluster.local.', 7)] },
    2,
    `NOERROR | ${ASKED} 7 CNAME web.svc.cluster.local. | web.svc.cluster.local. 7 A 192.0.2.1`,
  ],
  [
    'at a domain of the node',
    { 'web.corp.example.': [a('web.corp.example.')] },
    4,
    `NOERROR | ${ASKED} 60 CNAME web.corp.example. | web.corp.example. 60 A 192.0.2.1`,
  ],
  ['as it is', { 'web.': [a('web.')] }, 5, `NOERROR | ${ASKED} 60 CNAME web. | web. 60 A 192.0.2.1`],
  ['nowhere', {}, 5, NX],
  [
    'an alias at the first',
    { [ASKED]: [`${ASKED} 5 IN CNAME x.example.`, a('x.example.')] },
    1,
    `NOERROR | ${ASKED} 5 CNAME x.example. | x.example. 60 A 192.0.2.1`,
  ],
  [
    'an alias later',
    { 'web.': ['web. 5 IN CNAME x.example.', a('x.example.')] },
    5,
    `NOERROR | ${ASKED} 5 CNAME web. | web. 5 CNAME x.example. | x.example. 60 A 192.0.2.1`,
  ],
  [
    'records in another order',
    { 'web.': [a('x.example.'), 'web. 5 IN CNAME x.example.'] },
    5,
    `NOERROR | ${ASKED} 5 CNAME web. | x.example. 60 A 192.0.2.1 | web. 5 CNAME x.example.`,
  ],
  [
    'records of another name alone',
    { 'web.': [a('y.example.', 9)] },
    5,
    `NOERROR | ${ASKED} 9 CNAME y.example. | y.example. 9 A 192.0.2.1`,
  ],
  // glibc goes on over NODATA; over an alias it would not.
  [
    'NODATA in the middle',
    { 'web.svc.cluster.local.': 'NODATA', 'web.': [a('web.')] },
    2,
    'NOERROR | SOA svc.cluster.local.',
  ],
  ['NODATA as it is', { 'web.': 'NODATA' }, 5, `NOERROR | ${ASKED} 30 CNAME web. | SOA .`],
  ['NODATA without a SOA', { 'web.': 'BARE' }, 5, 'NOERROR'],
  // What nobody knows is not passed over.
  ['SERVFAIL in the middle', { 'web.corp.example.': 'SERVFAIL', 'web.': [a('web.')] }, 4, 'SERVFAIL'],
  ['an error in the middle', { 'web.corp.example.': 'ERROR', 'web.': [a('web.')] }, 4, 'SERVFAIL'],
  ['REFUSED in the middle', { 'web.svc.cluster.local.': 'REFUSED', 'web.': [a('web.')] }, 2, 'REFUSED'],
  ['no reply in the middle', { 'web.svc.cluster.local.': 'DROPPED', 'web.': [a('web.')] }, 2, 'DROPPED'],
  ['SERVFAIL at the first', { [ASKED]: 'SERVFAIL', 'web.': [a('web.')] }, 1, 'SERVFAIL'],
];

describe.each(['at once', 'later'] as const)('answered %s', (pace) => {
  test.each(rows)('%s', async (_what, answers, places, expected) => {
    const world = new World(answers);
    world.pace = pace;
    const reply = world.serve(`${ASKED} A`);
    expect(reply instanceof Promise).toBe(pace === 'later');
    expect(show(await reply)).toBe(expected);
    expect(world.asked).toEqual(ALL.slice(0, places).map((name) => `${name} A`));
    expect((await reply).validity).toBe(NEVER);
  });
});

test.each(['AAAA', 'MX', 'TXT', 'HTTPS', 'SRV'])('%s is searched for as well', (type) => {
  const world = new World({ 'web.': 'NODATA' });
  world.ask(`${ASKED} ${type}`);
  expect(world.asked).toEqual(ALL.map((name) => `${name} ${type}`));
});

test('names of several labels, in the letter case in which they were asked', () => {
  const world = new World({ 'www.example.org. A': ['WWW.Example.org. 60 IN A 192.0.2.1'] });
  expect(world.ask('WWW.Example.org.Shop.SVC.cluster.local. A')).toBe(
    'NOERROR | WWW.Example.org.Shop.SVC.cluster.local. 60 CNAME WWW.Example.org. | WWW.Example.org. 60 A 192.0.2.1',
  );
  expect(world.asked[0]).toBe('WWW.Example.org.Shop.SVC.cluster.local. A');
  expect(world.asked.at(-1)).toBe('WWW.Example.org. A');
});

test('a domain that makes the name too long is passed over', () => {
  const long = `${'x'.repeat(60)}.`.repeat(3);
  const path = ['shop.svc.cluster.local', `${'y'.repeat(60)}.${'z'.repeat(60)}`, '.'];
  const world = new World({ [long]: [a(long)] }, { path });
  expect(world.ask(`${long}shop.svc.cluster.local. A`)).toMatch(/^NOERROR .* CNAME x+\.x+\.x+\. /);
  expect(world.asked).toEqual([`${long}shop.svc.cluster.local. A`, `${long} A`]);
});

describe('what is not searched for', () => {
  const passed: [what: string, question: string, parts?: Parameters<World['serve']>[1], options?: object][] =
    [
      ['the name as it is', 'web. A'],
      ['a name below another domain of the path', 'web.corp.example. A'],
      ['a name of another namespace', 'web.bank.svc.cluster.local. A'],
      // CoreDNS: SERVFAIL.
      ['the first domain itself', 'shop.svc.cluster.local. A'],
      ['a name that only ends like the first domain', 'xshop.svc.cluster.local. A'],
      ['a query of an unknown client', `${ASKED} A`, { client: { address: '10.1.0.8' } }],
      ['a NOTIFY', `${ASKED} SOA`, { message: { opcode: 4 } }],
      ['another class', `${ASKED} TXT`, { class: 3 }],
      ['a name outside of the zones', `${ASKED} A`, {}, { zones: 'bank.svc.cluster.local example.org' }],
      ['a client without a path', `${ASKED} A`, {}, { path: [] }],
    ];
  test.each(passed)('%s', (_what, question, parts = {}, options = {}) => {
    const world = new World({}, options);
    expect(world.ask(question, parts)).toMatch(/^NXDOMAIN/);
    expect(world.asked).toEqual([question]);
  });

  test.each([
    ['the client is unknown, though another would get another reply', `${ASKED} A`, 'never'],
    ['the name is nobody else’s either', 'web.corp.example. A', 'until'],
  ])('for how long a reply is good where %s', (_what, question, kind) => {
    const reply = new World().serve(question, { client: { address: '10.1.0.8' } });
    expect(reply).toMatchObject({ validity: { kind } });
  });
});

test('what was found is counted, once a query', async () => {
  const world = new World({ 'web.': [a('web.')], 'old.': 'SERVFAIL', 'odd.': 'DROPPED' });
  for (const name of ['web', 'web', 'nothing', 'old', 'odd']) world.ask(`${name}.shop.svc.cluster.local. A`);
  world.ask('web. A');
  expect(await world.metrics.exposition()).toContain(
    'coredns_autopath_success_total{server="dns://:53"} 2\n',
  );
});
