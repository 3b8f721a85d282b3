/** The messages of a transfer, taken one by one, while the cluster changes. */
import { expect, test } from 'vitest';
import { ClusterZone } from '../../src/cluster/zone/cluster-zone.ts';
import { decodeMessage, Name, type ResourceRecord, RrType } from '../../src/dns/index.ts';
import { formatRecord } from '../../src/dns/text/record.ts';
import { makeReply } from '../../src/plugins/reply.ts';
import type { MessageStream } from '../../src/server/message-stream.ts';
import { namespace, service, slice, storeOf } from '../support/cluster.ts';
import { makeEngine, packet } from './engines.ts';
import { setLimits } from './set-limits.ts';

const ORIGIN = Name.fromText('cluster.local');
const asked = { name: 'cluster.local', type: RrType.AXFR, transport: 'tcp' } as const;

interface Taken {
  readonly stream: MessageStream;
  /** What `onSent` was told. */
  readonly sent: { bytes: number; rcode: number }[];
}

/** Has an engine answer AXFR with the records, and takes the stream that it hands over. */
function streamOf(records: () => Iterable<ResourceRecord>): Taken {
  const sent: Taken['sent'] = [];
  const { engine } = makeEngine({
    '.': (query) => {
      query.onSent((what) => sent.push(what));
      return makeReply({ aa: true, transfer: records() });
    },
  });
  let stream: MessageStream | undefined;
  const keep = (messages: MessageStream) => {
    stream = messages;
  };
  const octets = engine.handle({ ...packet(asked), stream: keep });
  expect(octets).toBeUndefined();
  if (stream === undefined) throw new Error('no stream was handed over');
  return { stream, sent };
}

function* restOf(stream: MessageStream): Generator<Uint8Array> {
  for (let octets = stream.next(); octets !== undefined; octets = stream.next()) yield octets;
}

const linesOf = (octets: Uint8Array) => decodeMessage(octets).answer.map(formatRecord);

test('between two messages everything changes: it is still the zone of the moment of the query', () => {
  setLimits({ transferMessageBytes: 512, transferAheadRecords: 8 });
  const store = storeOf([
    namespace('a'),
    service('a/db', { ips: 'None', ports: ['sql/TCP/5432'] }),
    ...Array.from({ length: 200 }, (_, n) => service(`a/web-${n}`, { ips: [`10.0.0.${n}`] })),
    ...Array.from({ length: 50 }, (_, n) => slice(`a/db-${n}`, { endpoints: [`10.1.0.${n}`] })),
  ]);
  const zone = new ClusterZone(store, { origin: ORIGIN });
  const whole = () => [zone.soa(ORIGIN), ...zone.records(), zone.soa(ORIGIN)].map(formatRecord);
  function* live(soa: ResourceRecord, records: Iterable<ResourceRecord>) {
    yield soa;
    yield* records;
    yield soa;
  }
  const before = whole();
  const { stream } = streamOf(() => live(zone.soa(ORIGIN), zone.records()));
  const lines: string[] = [];
  let messages = 0;
  for (const octets of restOf(stream)) {
    lines.push(...linesOf(octets));
    store.upsert(slice('a/db-0', { endpoints: [`10.2.0.${messages}`] }));
    store.upsert(service('a/db', { ips: [`10.3.0.${messages}`] }));
    store.remove({ kind: 'Service', namespace: 'a', name: `web-${messages * 3}` });
    store.upsert(service(`a/new-${messages}`, { ips: ['10.4.0.1'] }));
    messages++;
  }
  expect(messages).toBeGreaterThan(10);
  expect(lines).toEqual(before);
  expect(whole()).not.toEqual(before);
});

test('a message is as full as it may be, and none but the last is less', () => {
  setLimits({ transferMessageBytes: 512 });
  const a = (n: number): ResourceRecord => ({
    owner: Name.fromText(`h${n}.cluster.local`),
    ...{ type: RrType.A, class: 1, ttl: 5, data: { kind: 'A', address: Uint8Array.of(10, 0, 0, n) } },
  });
  const { stream, sent } = streamOf(() => Array.from({ length: 100 }, (_, n) => a(n)));
  const sizes = [...restOf(stream)].map(({ length }) => length);
  for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThan(512 - 20);
  for (const size of sizes) expect(size).toBeLessThanOrEqual(512);
  expect(sent).toEqual([]);
  stream.end();
  expect(sent).toMatchObject([{ bytes: sizes.reduce((sum, size) => sum + size), rcode: 0 }]);
});

const text = (size: number): ResourceRecord => ({
  owner: ORIGIN,
  ...{ type: RrType.TXT, class: 1, ttl: 5 },
  data: { kind: 'TXT', strings: Array.from({ length: size / 256 }, () => new Uint8Array(255)) },
});

test('a record that is larger than a message should be makes a larger message', () => {
  setLimits({ transferMessageBytes: 512 });
  const { stream, sent } = streamOf(() => [text(256), text(4096), text(256)]);
  expect([...restOf(stream)].map((octets) => linesOf(octets).length)).toEqual([1, 2]);
  stream.end();
  expect(sent[0]?.rcode).toBe(0);
});

test('a record that no message can hold ends it with SERVFAIL', () => {
  const { stream, sent } = streamOf(() => [text(256), text(65_536), text(256)]);
  const messages = [...restOf(stream)].map((octets) => decodeMessage(octets));
  expect(messages.map(({ answer, rcode }) => [answer.length, rcode])).toEqual([
    [1, 0],
    [0, 2],
  ]);
  stream.end();
  expect(sent).toMatchObject([{ bytes: expect.any(Number), rcode: 2 }]);
});

test('who takes no more of it lets go of the records', () => {
  let isClosed = false;
  function* endless(): Generator<ResourceRecord> {
    try {
      for (;;) yield text(256);
    } finally {
      isClosed = true;
    }
  }
  const { stream, sent } = streamOf(endless);
  const first = stream.next();
  stream.end();
  expect(isClosed).toBe(true);
  expect(sent).toMatchObject([{ bytes: first?.length, rcode: 2 }]);
});

test('a transport that has no streams refuses', async () => {
  const { engine } = makeEngine({ '.': () => makeReply({ aa: true, transfer: [text(256)] }) });
  const octets = await engine.handle(packet(asked));
  expect(octets && decodeMessage(octets)).toMatchObject({ rcode: 5, answer: [] });
});
