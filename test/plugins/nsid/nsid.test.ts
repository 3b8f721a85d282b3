import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/limits.ts';
import { aclPlugin } from '../../../src/plugins/acl/index.ts';
import { nsidPlugin } from '../../../src/plugins/nsid/index.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { whoamiPlugin } from '../../../src/plugins/whoami/index.ts';
import { askChain, startChain } from '../../support/chain.ts';
import { makeQuery, type QueryParts } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

const NSID = 3;
const COOKIE = 10;
const EXTENDED_ERROR = 15;
const asking: QueryParts = { edns: { options: [{ code: NSID, data: new Uint8Array() }] } };
const until = { kind: 'until', ms: 7 } as const;

async function serve(corefile: string, parts: QueryParts, given: Reply): Promise<Reply> {
  const plugin = setUp(nsidPlugin, corefile, makeSetup());
  if (plugin === undefined) throw new Error('no plugin');
  return plugin.serve(makeQuery(parts), () => given);
}

const textsOf = ({ ednsOptions }: Reply) =>
  ednsOptions.map(({ code, data }) => `${code} ${Buffer.from(data)}`);

test.each([
  ['nsid', `3 ${hostname()}`],
  ['nsid pod-1', '3 pod-1'],
  ['nsid a  b "c d"', '3 a b c d'],
])('%s gives %s to those who ask', async (corefile, option) => {
  expect(textsOf(await serve(corefile, asking, makeReply({})))).toEqual([option]);
});

test.each<[string, QueryParts]>([
  ['without EDNS', {}],
  ['without options', { edns: {} }],
  ['with other options', { edns: { options: [{ code: COOKIE, data: new Uint8Array(8) }] } }],
])('queries %s are left alone', async (_, parts) => {
  const given = makeReply({ validity: until });
  expect(await serve('nsid x', parts, given)).toBe(given);
});

test('replies with it are not repeated to others', async () => {
  const reply = await serve('nsid x', asking, makeReply({ validity: until }));
  expect(reply.validity).toEqual({ kind: 'never' });
});

test("it takes the place of an upstream's, beside other options", async () => {
  const ednsOptions = [
    { code: NSID, data: Buffer.from('upstream') },
    { code: EXTENDED_ERROR, data: Buffer.from('\0\x03') },
  ];
  expect(textsOf(await serve('nsid x', asking, makeReply({ ednsOptions })))).toEqual(['15 \0\x03', '3 x']);
});

describe('on the wire', () => {
  const options = [
    { code: NSID, data: new Uint8Array() },
    { code: COOKIE, data: Buffer.from('12345678') },
  ];

  test.each(['udp', 'tcp'] as const)('over %s the text is in the OPT, as it is', async (transport) => {
    await using running = await startChain([nsidPlugin, whoamiPlugin], 'nsid pod-1\nwhoami');
    const { opt } = await askChain(running, { edns: { options }, transport });
    expect(opt?.options).toMatchObject([{ code: NSID, data: Buffer.from('pod-1') }]);
    expect(opt?.flags).toBe(0);
  });

  test('failures have it too', async () => {
    await using running = await startChain([nsidPlugin], 'nsid pod-1');
    const { rcode, opt } = await askChain(running, { edns: { options } });
    expect(rcode).toBe(2);
    expect(opt?.options).toMatchObject([{ code: NSID, data: Buffer.from('pod-1') }]);
  });

  test('the longest fits into the smallest reply to the longest name, beside an extended error', async () => {
    const label = 'n'.repeat(63);
    const name = `${label}.${label}.${label}.${'n'.repeat(61)}.`;
    const text = 'i'.repeat(limits.nsidBytes);
    await using running = await startChain([nsidPlugin, aclPlugin], `nsid ${text}\nacl {\nblock\n}`);
    const { rcode, opt, bytes } = await askChain(running, { name, edns: { udpSize: 512, options } });
    expect(rcode).toBe(5);
    expect(bytes.length).toBeLessThanOrEqual(512);
    expect(opt?.options.map(({ code }) => code)).toEqual([EXTENDED_ERROR, NSID]);
  });
});

describe('mistakes', () => {
  test.each([
    ['nsid a\nnsid b', 'this plugin can only be used once per Server Block'],
    ['nsid {\n}', "Unexpected token '{', 'nsid' takes no block"],
    [`nsid ${'i'.repeat(limits.nsidBytes + 1)}`, `the identifier is over ${limits.nsidBytes} octets long`],
  ])('%s', (corefile, message) => {
    expect(() => setUp(nsidPlugin, corefile, makeSetup())).toThrow(message);
  });
});
