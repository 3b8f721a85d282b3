/** Zone transfers over real sockets: many messages, slow and vanishing clients, bounds, and the end of the server. */
import { expect, onTestFinished, test } from 'vitest';
import { logPlugin } from '../../src/plugins/log/index.ts';
import { prometheusPlugin } from '../../src/plugins/prometheus/index.ts';
import { transferPlugin } from '../../src/plugins/transfer/index.ts';
import { queryBytes } from '../support/ask.ts';
import { type RunningChain, startChain } from '../support/chain.ts';
import { Secondary, transfer, transferQuery } from '../support/transfer.ts';
import { until } from '../support/until.ts';
import { seriesValue } from './engines.ts';
import { setLimits } from './set-limits.ts';
import { type TestZone, testZone } from './zone-plugin.ts';

const ZONE = 'big.test';
const CHAIN = 'prometheus 127.0.0.1:0\nlog\ntransfer {\n to *\n}\nzone';
/** Far more than the buffers of both kernels hold. */
const HUGE = 3_000_000;

async function start(zone: TestZone): Promise<RunningChain> {
  const factories = [prometheusPlugin, logPlugin, transferPlugin, zone.factory];
  const running = await startChain(factories, CHAIN);
  onTestFinished(() => running[Symbol.asyncDispose]());
  return running;
}

/** A client that has asked for the zone and reads nothing. */
async function deafSecondary(port: number): Promise<Secondary> {
  const secondary = await Secondary.connect(port);
  secondary.socket.pause();
  secondary.send(transferQuery(ZONE));
  return secondary;
}

const linesWith = ({ lines }: RunningChain, word: string) => lines.filter((line) => line.includes(word));

test('20 000 records come in their order, in as few messages as hold them', async () => {
  const running = await start(testZone(20_000));
  const { messages, records, bytes } = await transfer(running.port, ZONE);
  expect(records).toHaveLength(20_002);
  const soa = 'big.test. 5 IN SOA ns.big.test. root.big.test. 7 1 1 1 1';
  expect([records[0], records.at(-1)]).toEqual([soa, soa]);
  expect(records.slice(1, -1)).toEqual(
    Array.from({ length: 20_000 }, (_, n) => `h${n}.big.test. 5 IN A 0.0.${n >> 8}.${n & 255}`),
  );
  expect(messages.length).toBeGreaterThan(2);
  for (const { bytes: message, question, flags } of messages) {
    expect(message.length).toBeLessThanOrEqual(63_000);
    expect(question).toEqual(['big.test. 252']);
    // A response with AA, without TC.
    expect(flags).toBe(0x8400);
  }
  for (const { bytes: message } of messages.slice(0, -1)) expect(message.length).toBeGreaterThan(62_000);
  // Uncompressed it would be 20 000 times 26 octets and more.
  expect(bytes).toBeLessThan(20_000 * 24);
});

test('a zone of a SOA alone', async () => {
  const running = await start(testZone(0));
  using secondary = await Secondary.connect(running.port);
  secondary.send(transferQuery(ZONE));
  await until('it is there', () => secondary.messages.length > 0);
  expect((await secondary.transfer()).records).toHaveLength(2);
});

test('log and metrics have it once, with all of its octets', async () => {
  const running = await start(testZone(20_000));
  const { bytes } = await transfer(running.port, ZONE);
  await until('it is logged', () => linesWith(running, '"AXFR').length > 0);
  expect(linesWith(running, '"AXFR')).toEqual([
    expect.stringMatching(new RegExp(`"AXFR IN big.test. tcp 26 false 65535" NOERROR qr,aa ${bytes} `)),
  ]);
  expect(linesWith(running, 'plugin/transfer')).toEqual([
    '[INFO] plugin/transfer: Outgoing transfer of 20002 records of zone "big.test." to 127.0.0.1 for 7 SOA serial',
  ]);
  const exposition = await running.metrics.exposition();
  const labels = 'server="dns://:53",zone=".",view=""';
  expect(
    seriesValue(exposition, `coredns_dns_responses_total{${labels},rcode="NOERROR",plugin="transfer"}`),
  ).toBe(1);
  expect(seriesValue(exposition, `coredns_dns_response_size_bytes_sum{${labels},proto="tcp"}`)).toBe(bytes);
});

test('EDNS is answered with EDNS, in every message', async () => {
  const running = await start(testZone(20_000));
  const { messages } = await transfer(running.port, ZONE, { withEdns: true });
  for (const { bytes } of messages) expect(Buffer.from(bytes).readUInt16BE(10)).toBe(1);
});

test('what a client does not take is not made; other queries of its connection are answered meanwhile', async () => {
  const zone = testZone(HUGE);
  const running = await start(zone);
  using deaf = await deafSecondary(running.port);
  await until('it is begun', () => zone.read > 0);
  // Another client is served for as long as it takes the kernel to say that there is no more room.
  let read = -1;
  await until('nothing more is read of the zone', async () => {
    const isStill = zone.read === read;
    read = zone.read;
    await transfer(running.port, 'other.test');
    await new Promise((resolve) => setTimeout(resolve, 50));
    return isStill;
  });
  expect(zone.read).toBeLessThan(HUGE / 2);
  deaf.send(queryBytes('a.big.test', 'A'));
  deaf.socket.resume();
  await until('the query is answered', () => deaf.messagesOf(4711).length === 1);
  expect(zone.read).toBeLessThan(HUGE);
});

test('several transfers and queries on one connection', async () => {
  const running = await start(testZone(20_000));
  using secondary = await Secondary.connect(running.port);
  const queries = [1, 2, 3].map((id) => transferQuery(ZONE, { id }));
  secondary.send(...queries, queryBytes('a.big.test', 'A'));
  for (const id of [1, 2, 3]) expect((await secondary.transfer(id)).records).toHaveLength(20_002);
  expect(secondary.messagesOf(4711)).toHaveLength(1);
  // It was not last: it did not wait for the zones.
  expect(secondary.messages.at(-1)?.readUInt16BE()).not.toBe(4711);
});

test('a client that closes its side after the query still gets all of it', async () => {
  const running = await start(testZone(20_000));
  using secondary = await Secondary.connect(running.port);
  secondary.send(transferQuery(ZONE));
  secondary.socket.end();
  await secondary.closed();
  expect((await secondary.transfer()).records).toHaveLength(20_002);
});

test('a client that goes away ends it: the log says so, and its place is free', async () => {
  setLimits({ transfers: 1 });
  const zone = testZone(HUGE);
  const running = await start(zone);
  const leaving = await deafSecondary(running.port);
  await until('it is begun', () => zone.read > 0);
  leaving.socket.destroy();
  await until('its end is logged', () => linesWith(running, '"AXFR').length === 1);
  expect(linesWith(running, '"AXFR')[0]).toMatch(/SERVFAIL qr,aa \d+ /);
  expect(linesWith(running, 'plugin/transfer')).toEqual([
    expect.stringMatching(
      /^\[WARNING\] plugin\/transfer: Outgoing transfer ended after \d+ records of zone "big.test."/,
    ),
  ]);
  using next = await Secondary.connect(running.port);
  next.send(transferQuery(ZONE));
  await until('the next one is served', () => next.messages.length > 0);
  expect(next.messages[0]?.readUInt8(3)).toBe(0);
});

test('a client that takes nothing loses its connection after the write timeout', async () => {
  setLimits({ tcpWriteMs: 40 });
  const running = await start(testZone(HUGE));
  using deaf = await deafSecondary(running.port);
  await until('its end is logged', () => linesWith(running, 'Outgoing transfer ended').length === 1);
  deaf.socket.resume();
  await deaf.closed();
});

test('a client that takes it too slowly as a whole loses its connection', async () => {
  setLimits({ transferMs: 40 });
  const running = await start(testZone(HUGE));
  using slow = await Secondary.connect(running.port);
  slow.send(transferQuery(ZONE));
  await slow.closed();
  await until('its end is logged', () => linesWith(running, 'Outgoing transfer ended').length === 1);
});

test('beyond the bound of transfers the answer is SERVFAIL, with its reason', async () => {
  setLimits({ transfers: 2 });
  const zone = testZone(HUGE);
  const running = await start(zone);
  using one = await deafSecondary(running.port);
  using two = await deafSecondary(running.port);
  await until(
    'both are begun',
    () => one.socket.bytesWritten > 0 && two.socket.bytesWritten > 0 && zone.read > 8_192,
  );
  const refused = await transfer(running.port, ZONE);
  expect([refused.rcode, refused.records]).toEqual([2, []]);
  expect(await running.metrics.exposition()).toContain('reason="too-many-transfers"');
  one.socket.destroy();
  await until('a place is free', async () => {
    using next = await Secondary.connect(running.port);
    next.send(transferQuery(ZONE));
    await until('it is answered', () => next.messages.length > 0);
    return next.messages[0]?.readUInt8(3) === 0;
  });
});

test('a zone that breaks ends with an error, and the server goes on', async () => {
  const zone = testZone(20_000);
  zone.fault.at = 15_000;
  const running = await start(zone);
  const broken = await transfer(running.port, ZONE);
  expect(broken.rcode).toBe(2);
  expect(broken.records.length).toBeGreaterThan(0);
  expect(broken.records.length).toBeLessThan(15_002);
  await until('it is logged', () => linesWith(running, '"AXFR').length === 1);
  expect(linesWith(running, 'the zone broke')).toHaveLength(1);
  zone.fault.at = -1;
  expect((await transfer(running.port, ZONE)).records).toHaveLength(20_002);
});

test('a server that stops finishes a transfer that its client takes', async () => {
  const zone = testZone(200_000);
  const running = await startChain([transferPlugin, zone.factory], 'transfer {\n to *\n}\nzone');
  using secondary = await deafSecondary(running.port);
  await until('it is begun', () => zone.read > 0);
  const stopped = running[Symbol.asyncDispose]();
  secondary.socket.resume();
  expect((await secondary.transfer()).records).toHaveLength(200_002);
  await stopped;
});

test('a server that stops cuts a transfer that nobody takes', async () => {
  setLimits({ drainMs: 40 });
  const zone = testZone(HUGE);
  const running = await startChain([transferPlugin, zone.factory], 'transfer {\n to *\n}\nzone');
  using deaf = await deafSecondary(running.port);
  await until('it is begun', () => zone.read > 0);
  await running[Symbol.asyncDispose]();
  expect(zone.read).toBeLessThan(HUGE);
  deaf.socket.resume();
  await deaf.closed();
});
