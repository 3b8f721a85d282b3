/** Questions that a plugin asks the whole server again, as for an ExternalName that leads out of the cluster. */
import { expect, test } from 'vitest';
import { Name } from '../../src/dns/name.ts';
import { record } from '../../src/dns/record.ts';
import { Rcode, RrClass, RrType } from '../../src/dns/types.ts';
import { limits } from '../../src/limits.ts';
import type { Handler } from '../../src/plugins/plugin.ts';
import { makeReply, whenReplied } from '../../src/plugins/reply.ts';
import { makeEngine, packet, seen } from './engines.ts';

const OWNER = Name.fromText('example.org.');
const ADDRESS = record(OWNER, 5, { kind: 'A', address: Uint8Array.of(192, 0, 2, 1) });
const answer: Handler = () => makeReply({ aa: true, answer: [ADDRESS] });

const alias =
  (target: string): Handler =>
  (query) => {
    const name = Name.fromText(target);
    const cname = record(query.name, 5, { kind: 'CNAME', target: name });
    return whenReplied(query.resolve(name, query.type), (reply) =>
      makeReply({ aa: true, answer: [cname, ...reply.answer], reason: reply.reason }),
    );
  };
const later =
  (handler: Handler): Handler =>
  async (query) =>
    handler(query);

test.each([
  ['at once', (handler: Handler) => handler],
  ['later', later],
])('an alias of another block is followed %s', async (_when, wrap) => {
  const { engine } = makeEngine({ 'a.': wrap(alias('example.org.')), 'example.org.': wrap(answer) });
  const reply = await seen(engine, packet({ name: 'x.a.' }));
  expect(reply?.questions[0]?.name.toString()).toBe('x.a.');
  expect(reply?.answer.map(({ data }) => data.kind)).toEqual(['CNAME', 'A']);
});

test.each([
  ['at once', (handler: Handler) => handler],
  ['later', later],
])('two blocks that point at each other come to an end %s', async (_when, wrap) => {
  const { engine } = makeEngine({ 'a.': wrap(alias('x.b.')), 'b.': wrap(alias('x.a.')) });
  const reply = await seen(engine, packet({ name: 'x.a.' }));
  expect(reply?.rcode).toBe(0);
  // The first, and one for each time that the server was asked again.
  expect(reply?.answer).toHaveLength(1 + limits.upstreamReentries);
});

test('the inner question has the client, the transport and the EDNS of the outer, and class IN', async () => {
  const inner: Record<string, unknown>[] = [];
  const { engine } = makeEngine(
    {
      'a.': alias('example.org.'),
      'example.org.': ({ name, type, class: rrClass, client, transport, message, replyLimit }) => {
        inner.push({
          ...{ name: name.toString(), type, rrClass, client: client.address, transport, replyLimit },
          ...{ asked: message.questions[0]?.name.toString(), udpSize: message.edns?.udpSize },
        });
        return makeReply({});
      },
    },
    { anyClass: true },
  );
  await engine.handle(
    packet({ name: 'x.a.', type: RrType.AAAA, class: RrClass.CH, edns: { udpSize: 1400 } }),
  );
  expect(inner).toEqual([
    {
      ...{ name: 'example.org.', type: RrType.AAAA, rrClass: RrClass.IN, client: '10.240.0.1' },
      ...{ transport: 'udp', replyLimit: 1400, asked: 'example.org.', udpSize: 1400 },
    },
  ]);
});

test('who waits for an inner reply hears of it, once', async () => {
  const heard: string[] = [];
  const listening =
    (handler: Handler): Handler =>
    (query) => {
      query.onSent(({ bytes, rcode }) => heard.push(`${query.name} ${rcode} ${bytes > 12}`));
      return handler(query);
    };
  const { engine } = makeEngine({
    'a.': listening(alias('example.org.')),
    'example.org.': listening(answer),
    'b.': listening(alias('nobody.')),
  });
  await engine.handle(packet({ name: 'x.a.' }));
  expect(heard).toEqual(['example.org. 0 true', 'x.a. 0 true']);
  expect((await seen(engine, packet({ name: 'x.b.' })))?.answer).toHaveLength(1);
});

test.each([
  [
    'throws',
    () => {
      throw new Error('inner');
    },
  ],
  ['rejects', async () => Promise.reject(new Error('inner'))],
] as [string, Handler][])(
  'where the block of the target %s, the alias stands alone',
  async (_how, handler) => {
    const heard: number[] = [];
    const { engine, count } = makeEngine({
      'a.': alias('example.org.'),
      'example.org.': (query) => {
        query.onSent(({ rcode }) => heard.push(rcode));
        return handler(query);
      },
    });
    const reply = await seen(engine, packet({ name: 'x.a.' }));
    expect(reply?.rcode).toBe(0);
    expect(reply?.answer.map(({ data }) => data.kind)).toEqual(['CNAME']);
    expect(await count('coredns_panics_total')).toBe(1);
    expect(heard).toEqual([Rcode.SERVFAIL]);
  },
);
