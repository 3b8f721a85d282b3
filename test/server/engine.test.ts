/** The way of a query through an engine: failing plugins, queries that wait, and what the core turns away. */
import { describe, expect, test } from 'vitest';
import { Name } from '../../src/dns/name.ts';
import { type ResourceRecord, record } from '../../src/dns/record.ts';
import { Rcode, RrClass, RrType } from '../../src/dns/types.ts';
import { decodeMessage } from '../../src/dns/wire/decode.ts';
import type { Handler } from '../../src/plugins/plugin.ts';
import { makeReply, type Reply } from '../../src/plugins/reply.ts';
import { makeEngine, packet, packetOf, SERVER, seen } from './engines.ts';
import { setLimits } from './set-limits.ts';

const OWNER = Name.fromText('example.org.');
const ADDRESS = record(OWNER, 5, { kind: 'A', address: Uint8Array.of(192, 0, 2, 1) });
const answer: Handler = () => makeReply({ aa: true, answer: [ADDRESS] });

/** SERVFAIL as the core writes it: question and OPT, nothing else. */
const SERVFAIL = {
  ...{ id: 4711, qr: true, aa: false, rcode: Rcode.SERVFAIL },
  questions: [{ type: RrType.A, class: RrClass.IN }],
  ...{ answer: [], authority: [], additional: [] },
  edns: { udpSize: 1400, version: 0, do: true },
};
const withOpt = () => packet({ edns: { udpSize: 1400, do: true } });

const unwritable = { ...ADDRESS, ttl: -1 } satisfies ResourceRecord;

describe('a plugin that fails', () => {
  const failing: [how: string, handler: Handler, line: RegExp][] = [
    [
      'throws',
      () => {
        throw new TypeError('x is undefined');
      },
      /^x is undefined$/,
    ],
    ['rejects', async () => Promise.reject(new Error('no luck')), /^no luck$/],
    [
      'throws what is no error',
      () => {
        throw 'a text';
      },
      /^a text$/,
    ],
    ['gives a record that is none', () => makeReply({ answer: [unwritable] }), /ttl|range|-1/i],
    ['gives it later', async () => makeReply({ answer: [unwritable] }), /ttl|range|-1/i],
    ['gives an rcode of 16 bits', () => makeReply({ rcode: 0xffff }), /rcode 65535/],
    ['gives nothing', () => undefined as unknown as Reply, /undefined/],
    ['gives nothing later', async () => undefined as unknown as Reply, /undefined/],
    [
      'gives half a record',
      () => makeReply({ answer: [{ ...ADDRESS, owner: undefined as never }] }),
      /undefined/,
    ],
    [
      'throws when it hears of the reply',
      (query) => {
        query.onSent(() => {
          throw new Error('deaf');
        });
        return makeReply({ rcode: Rcode.SERVFAIL });
      },
      /^deaf$/,
    ],
  ];
  test.each(failing)('%s: SERVFAIL, counted and logged', async (_how, handler, text) => {
    const { engine, lines, count } = makeEngine({ '.': handler });
    expect(await seen(engine, withOpt())).toMatchObject(SERVFAIL);
    expect(await count('coredns_panics_total')).toBe(1);
    const start = `[ERROR] Recovered from panic in server: "${SERVER}" `;
    expect(lines).toEqual([expect.stringMatching(/^\[ERROR\] Recovered from panic in server: /)]);
    expect(lines[0]?.slice(0, start.length)).toBe(start);
    expect(lines[0]?.slice(start.length)).toMatch(text);
    expect(engine.waiting).toBe(0);
  });

  test('the next query is answered', async () => {
    let failures = 3;
    const { engine, count } = makeEngine({
      '.': (query) => {
        if (failures-- > 0) throw new Error('not yet');
        return answer(query);
      },
    });
    const rcodes: (number | undefined)[] = [];
    for (let i = 0; i < 5; i++) rcodes.push((await seen(engine))?.rcode);
    expect(rcodes).toEqual([2, 2, 2, 0, 0]);
    expect(await count('coredns_panics_total')).toBe(3);
  });

  test('with stacktrace the log says where', async () => {
    const { engine, lines } = makeEngine(
      {
        '.': () => {
          throw new Error('here');
        },
      },
      { stacktrace: true },
    );
    await seen(engine);
    expect(lines[0]).toMatch(/Error: here\n\s+at .*engine\.test\.ts/);
  });

  test('those who wait for the reply hear of the one that was sent', async () => {
    const heard: unknown[] = [];
    const { engine } = makeEngine({
      '.': (query) => {
        query.onSent((sent) => heard.push(sent));
        return makeReply({ answer: [unwritable] });
      },
    });
    const octets = await engine.handle(packet());
    expect(heard).toMatchObject([{ bytes: octets?.length, rcode: Rcode.SERVFAIL }]);
  });

  test('unguarded, its error goes through, so that it ends the process', async () => {
    const thrown = makeEngine(
      {
        '.': () => {
          throw new Error('to be debugged');
        },
      },
      { unguarded: true },
    );
    expect(() => thrown.engine.handle(packet())).toThrow('to be debugged');
    const rejected = makeEngine(
      { '.': async () => Promise.reject(new Error('as well')) },
      { unguarded: true },
    );
    await expect(rejected.engine.handle(packet())).rejects.toThrow('as well');
    expect(thrown.lines).toEqual([]);
  });
});

test('options of a plugin that the client has no room for are left out', async () => {
  const data = new Uint8Array(600);
  const { engine, count } = makeEngine({
    '.': (query) => ({ ...(answer(query) as Reply), ednsOptions: [{ code: 15, data }] }),
  });
  expect(await seen(engine, packet({ edns: { udpSize: 512 } }))).toMatchObject({
    rcode: 0,
    edns: { options: [] },
  });
  const roomy = await seen(engine, packet({ edns: { udpSize: 1232 } }));
  expect(roomy?.edns?.options).toEqual([{ code: 15, data }]);
  expect(await count('coredns_panics_total')).toBe(0);
});

describe('queries that wait', () => {
  test('beyond the bound the newest are dropped, counted; the others get their answers', async () => {
    setLimits({ waitingQueries: 2 });
    const release: (() => void)[] = [];
    const slow: Handler = (query) =>
      new Promise((resolve) => release.push(() => resolve(answer(query) as Reply)));
    const { engine, count } = makeEngine({ '.': slow, 'fast.': answer });
    const first = [engine.handle(packet()), engine.handle(packet())];
    expect(engine.waiting).toBe(2);
    expect(engine.handle(packet())).toBeUndefined();
    expect(engine.handle(packet({ name: 'fast.' }))).toBeUndefined();
    expect(await count(`corvidns_dropped_total{server="${SERVER}",reason="waiting-queries"}`)).toBe(2);
    for (const go of release) go();
    for (const octets of await Promise.all(first)) expect(decodeMessage(octets ?? Buffer.of()).rcode).toBe(0);
    expect(engine.waiting).toBe(0);
    expect((await seen(engine, packet({ name: 'fast.' })))?.rcode).toBe(0);
  });

  test('what is answered at once never waits', () => {
    setLimits({ waitingQueries: 1 });
    const { engine } = makeEngine({ '.': answer });
    for (let i = 0; i < 3; i++) expect(engine.handle(packet())).toBeInstanceOf(Uint8Array);
  });

  test('a reply that a plugin drops is none, and those who wait hear of no octets', async () => {
    const heard: unknown[] = [];
    const { engine } = makeEngine({
      '.': (query) => {
        query.onSent((sent) => heard.push(sent));
        return makeReply({ dropped: true });
      },
    });
    expect(engine.handle(packet())).toBeUndefined();
    expect(heard).toMatchObject([{ bytes: 0, rcode: 0 }]);
  });
});

describe('what the core turns away', () => {
  const dropped = (rcode: string) =>
    `coredns_dns_responses_total{server="${SERVER}",zone="dropped",view="",rcode="${rcode}",plugin=""}`;
  const nonAnswer = (reason: string) =>
    `corvidns_non_answers_total{server="${SERVER}",zone="dropped",reason="${reason}"}`;

  test.each([
    ['a name of no block', { name: 'example.com.' }, 'no-zone'],
    ['a block without plugins', { name: 'empty.' }, 'no-plugins'],
    ['class CH', { class: RrClass.CH }, 'not-internet-class'],
    ['class ANY', { class: 255 }, 'not-internet-class'],
  ] as const)('%s is REFUSED', async (_what, parts, reason) => {
    const { engine, count } = makeEngine({ 'example.org.': answer, 'empty.': undefined });
    const reply = await seen(engine, packet({ ...parts, edns: { udpSize: 1400 } }));
    expect(reply).toMatchObject({ rcode: Rcode.REFUSED, aa: false, answer: [], edns: { udpSize: 1400 } });
    expect(reply?.questions).toHaveLength(1);
    expect(await count(dropped('REFUSED'))).toBe(1);
    expect(await count(nonAnswer(reason))).toBe(1);
  });

  test('other classes reach the plugins where one of the listener takes them', async () => {
    const classes: number[] = [];
    const { engine } = makeEngine(
      {
        '.': (query) => {
          classes.push(query.class);
          return makeReply({});
        },
      },
      { anyClass: true },
    );
    expect((await seen(engine, packet({ class: RrClass.CH })))?.rcode).toBe(0);
    expect(classes).toEqual([RrClass.CH]);
  });

  test('an EDNS version that is not known is BADVERS, whatever serves the name', async () => {
    const { engine } = makeEngine({ 'example.org.': answer });
    for (const name of ['example.org.', 'example.com.']) {
      const reply = await seen(engine, packet({ name, edns: { version: 1, udpSize: 1400, do: true } }));
      expect(reply).toMatchObject({ rcode: Rcode.BADVERS, answer: [] });
      expect(reply?.edns).toEqual({ udpSize: 0, version: 0, do: false, z: 0, options: [] });
    }
    // The class is looked at first, as CoreDNS does.
    const chaos = await seen(engine, packet({ class: RrClass.CH, edns: { version: 1 } }));
    expect(chaos?.rcode).toBe(Rcode.REFUSED);
  });

  test('what no decoder takes is FORMERR with the question, and reaches no plugin', async () => {
    const { engine } = makeEngine({
      '.': () => {
        throw new Error('asked');
      },
    });
    const bytes = Buffer.from(packet().bytes);
    bytes.writeUInt16BE(1, 10);
    expect(await seen(engine, packetOf(bytes))).toMatchObject({
      rcode: Rcode.FORMERR,
      questions: [{ type: RrType.A }],
      edns: undefined,
    });
  });
});
