import { describe, expect, test } from 'vitest';
import { Name } from '../../../src/dns/name.ts';
import { record } from '../../../src/dns/record.ts';
import { Opcode, Rcode, RrClass, RrType } from '../../../src/dns/types.ts';
import { logPlugin } from '../../../src/plugins/log/index.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { reasons } from '../../../src/reasons.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

const owner = Name.fromText('example.org.');
const a = record(owner, 30, { kind: 'A', address: Uint8Array.of(192, 0, 2, 1) });
const ns = record(owner, 30, { kind: 'NS', target: owner });
const soa = record(owner, 30, {
  kind: 'SOA',
  mname: owner,
  rname: owner,
  serial: 1,
  refresh: 2,
  retry: 3,
  expire: 4,
  minimum: 5,
});
const success = makeReply({ answer: [a], aa: true });
const noData = makeReply({ authority: [soa] });
const nxDomain = makeReply({ rcode: Rcode.NXDOMAIN, authority: [soa] });

/** The lines that one answered query leaves in the log. */
async function logged(corefile: string, query: QueryParts, reply: Reply, bytes = 108): Promise<string[]> {
  const setup = makeSetup();
  const plugin = setUp(logPlugin, corefile, setup);
  const asked = makeQuery(query);
  expect(await plugin?.serve(asked, () => reply)).toBe(reply);
  asked.sent(bytes, reply.rcode);
  return setup.lines;
}

describe('the default line', () => {
  test('is that of CoreDNS', async () => {
    const query = {
      name: 'Svc.NS.svc.cluster.local.',
      client: { address: '10.1.0.7', port: 33421 },
      size: 55,
    };
    const [line] = await logged('log', query, success);
    expect(line).toMatch(
      /^\[INFO\] 10\.1\.0\.7:33421 - 4711 "A IN svc\.ns\.svc\.cluster\.local\. udp 55 false 512" NOERROR qr,aa,rd 108 0(\.\d+)?s$/,
    );
  });

  test('is written once the reply is out, not before', () => {
    const setup = makeSetup();
    const plugin = setUp(logPlugin, 'log', setup);
    const query = makeQuery();
    plugin?.serve(query, () => success);
    expect(setup.lines).toEqual([]);
    query.sent(50, 0);
    expect(setup.lines).toHaveLength(1);
  });

  test('comes for replies that were waited for', async () => {
    const setup = makeSetup();
    const plugin = setUp(logPlugin, 'log', setup);
    const query = makeQuery();
    expect(await plugin?.serve(query, async () => nxDomain)).toBe(nxDomain);
    query.sent(99, 3);
    expect(setup.lines[0]).toContain(' NXDOMAIN qr,rd 99 ');
  });
});

describe('tokens', () => {
  const v6 = { address: '2001:db8::7', port: 5353 };
  const cases: [format: string, query: QueryParts, reply: Reply, line: string][] = [
    ['{type}', { type: RrType.SRV }, success, 'SRV'],
    ['{type}', { type: 65_280 }, success, 'TYPE65280'],
    ['{class}', { class: RrClass.CH }, success, 'CH'],
    ['{name}', { name: 'WWW.Example.ORG.' }, success, 'www.example.org.'],
    ['{name}', { name: Name.fromLabels(['a b', 'x.y\n']) }, success, 'a\\032b.x\\.y\\010.'],
    ['{proto}', { transport: 'tcp' }, success, 'tcp'],
    ['{size}/{rsize}', { size: 41 }, success, '41/108'],
    ['{remote}:{port}', { client: v6 }, success, '[2001:db8::7]:5353'],
    ['{remote} {local}', { local: { address: '::1' } }, success, '10.240.0.1 [::1]'],
    ['{>id} {>opcode}', { message: { id: 7, opcode: Opcode.NOTIFY } }, success, '7 4'],
    ['{>do} {>bufsize}', {}, success, 'false 512'],
    ['{>do} {>bufsize}', { edns: { do: true, udpSize: 4096 } }, success, 'true 4096'],
    ['{>do} {>bufsize}', { edns: { udpSize: 100 } }, success, 'false 512'],
    ['{>bufsize}', { transport: 'tcp', edns: { udpSize: 1232 } }, success, '65535'],
    ['{rcode}', {}, nxDomain, 'NXDOMAIN'],
    ['{rcode}', {}, makeReply({ rcode: 3841 }), '3841'],
    ['{>rflags}', { message: { rd: false } }, makeReply({}), 'qr'],
    [
      '{>rflags}',
      { message: { cd: true } },
      makeReply({ aa: true, tc: true, ra: true, ad: true }),
      'qr,aa,tc,rd,ra,ad,cd',
    ],
    ['{/corvidns/reason}', {}, makeReply({ rcode: 3, reason: reasons.noSuchService }), 'no-such-service'],
    ['{/corvidns/reason}', {}, success, '-'],
    ['{/kubernetes/endpoint}', {}, success, '-'],
    ['{unknown} {', {}, success, '{unknown} {'],
    ['} {type} {{name}}', {}, success, '} A {example.org.}'],
  ];
  test.each(cases)('%s of %j', async (format, query, reply, line) => {
    expect(await logged(`log . "${format}"`, query, reply)).toEqual([`[INFO] ${line}`]);
  });

  const durations: [milliseconds: number, pattern: RegExp][] = [
    [0, /^\[INFO\] 0(\.\d{1,9})?s$/],
    [2_000, /^\[INFO\] 2(\.\d{1,9})?s$/],
  ];
  test.each(durations)('{duration} after %i ms', async (milliseconds, pattern) => {
    const receivedAt = performance.now() - milliseconds;
    const [line] = await logged('log . "{duration}"', { receivedAt }, success);
    expect(line).toMatch(pattern);
    expect(line).not.toMatch(/\.\d*0s$/);
  });

  test('{combined} has the opcode at the end, and may be part of a longer format', async () => {
    const [line] = await logged('log . "> {combined} <"', {}, success);
    expect(line).toMatch(/^\[INFO\] > 10\.240\.0\.1:40212 - 4711 .* 0(\.\d+)?s "0" <$/);
  });
});

describe('names', () => {
  const cases: [corefile: string, name: string, logged: boolean][] = [
    ['log', 'a.example.org.', true],
    ['log example.org', 'a.Example.ORG.', true],
    ['log example.org', 'example.org.', true],
    ['log example.org', 'badexample.org.', false],
    ['log example.org example.net', 'x.example.net.', true],
    ['log example.org example.net "{name}"', 'x.example.net.', true],
    ['log example.org {common}', 'example.com.', false],
    // A single argument is a name, whatever it holds.
    ['log {common}', 'example.com.', false],
  ];
  test.each(cases)('%s for %s', async (corefile, name, expected) => {
    expect((await logged(corefile, { name }, success)).length > 0).toBe(expected);
  });

  test('the first line that fits decides alone', async () => {
    const corefile =
      'log a.example.org "first"\nlog example.org "{type} second" {\nclass error\n}\nlog . "third {type}"';
    expect(await logged(corefile, { name: 'x.example.org.' }, success)).toEqual([]);
    expect(await logged(corefile, { name: 'x.example.com.' }, success)).toEqual(['[INFO] third A']);
  });
});

describe('classes', () => {
  const axfr = { type: RrType.AXFR };
  const replies: [what: string, query: QueryParts, reply: Reply, className: string][] = [
    ['an answer', {}, success, 'success'],
    ['a referral', {}, makeReply({ authority: [ns] }), 'success'],
    ['an empty reply without SOA', {}, makeReply({}), 'success'],
    ['NODATA', {}, noData, 'denial'],
    ['NXDOMAIN', {}, nxDomain, 'denial'],
    ['NXDOMAIN with a CNAME', {}, makeReply({ rcode: Rcode.NXDOMAIN, answer: [a] }), 'error'],
    ['SERVFAIL', {}, makeReply({ rcode: Rcode.SERVFAIL }), 'error'],
    ['SERVFAIL with SOA', {}, makeReply({ rcode: Rcode.SERVFAIL, authority: [soa] }), 'error'],
    ['REFUSED', {}, makeReply({ rcode: Rcode.REFUSED }), 'error'],
    ['a zone transfer', axfr, success, 'error'],
    ['NOTIFY', { message: { opcode: Opcode.NOTIFY } }, success, 'error'],
  ];
  test.each(replies)('%s', async (_what, query, reply, className) => {
    for (const candidate of ['success', 'denial', 'error']) {
      const lines = await logged(`log . {\nclass ${candidate}\n}`, query, reply);
      expect(lines).toHaveLength(candidate === className ? 1 : 0);
    }
    expect(await logged('log . {\nclass all denial\n}', query, reply)).toHaveLength(1);
    expect(await logged('log . {\n}', query, reply)).toHaveLength(1);
  });

  test('add up over lines', async () => {
    const corefile = 'log . {\nclass denial\nclass error\n}';
    expect(await logged(corefile, {}, nxDomain)).toHaveLength(1);
    expect(await logged(corefile, {}, makeReply({ rcode: Rcode.SERVFAIL }))).toHaveLength(1);
    expect(await logged(corefile, {}, success)).toHaveLength(0);
  });
});

describe('mistakes', () => {
  const cases: [corefile: string, message: string][] = [
    ['log . {\nclass\n}', "Wrong argument count or unexpected line ending after 'class'"],
    ['log . {\nclass abracadabra\n}', 'invalid Class: abracadabra'],
    ['log . {\nclasses all\n}', "unknown property 'classes'"],
    ['log a..b', "'a..b' is not a name to log"],
  ];
  test.each(cases)('%s', (corefile, message) => {
    expect(() => setUp(logPlugin, corefile, makeSetup())).toThrow(message);
  });
});
