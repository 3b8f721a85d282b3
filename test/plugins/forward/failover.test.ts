import { describe, expect, test } from 'vitest';
import { parseRecord } from '../../../src/dns/index.ts';
import { Rcode } from '../../../src/dns/types.ts';
import { makeReply } from '../../../src/plugins/reply.ts';
import { addressUpstream, startForward, texts } from './plugin.ts';
import { answerTo, deadUpstream, queriesAt, udpUpstream } from './upstreams.ts';

const { SERVFAIL, REFUSED, NXDOMAIN, NOERROR } = Rcode;
const GOOD = ['example.org. 60 IN A 192.0.2.9'];

describe('failover', () => {
  test.each([
    ['failover SERVFAIL', SERVFAIL, NOERROR],
    ['failover SERVFAIL REFUSED', REFUSED, NOERROR],
    ['failover SERVFAIL', REFUSED, REFUSED],
    ['', SERVFAIL, SERVFAIL],
  ])('%j after rcode %i: rcode %i', async (property, first, rcode) => {
    await using bad = await addressUpstream('', { rcode: first });
    await using good = await addressUpstream('192.0.2.9');
    await using forward = await startForward(
      `forward . ${bad.to} ${good.to} {\npolicy sequential\n${property}\n}`,
    );
    const reply = await forward.ask();
    expect(reply.rcode).toBe(rcode);
    expect(texts(reply)).toEqual(rcode === NOERROR ? GOOD : []);
  });

  test('where all say so the last reply is the answer, and each was asked once', async () => {
    await using one = await addressUpstream('', { rcode: SERVFAIL });
    await using two = await addressUpstream('', { rcode: REFUSED });
    await using forward = await startForward(
      `forward . ${one.to} ${two.to} {\npolicy sequential\nfailover SERVFAIL REFUSED\n}`,
    );
    expect(await forward.ask()).toMatchObject({ rcode: REFUSED, error: undefined });
    expect([queriesAt(one).length, queriesAt(two).length]).toEqual([1, 1]);
  });

  test('where the others cannot be reached the reply there is counts', async () => {
    await using one = await addressUpstream('', { rcode: REFUSED });
    await using forward = await startForward(
      `forward . ${one.to} ${await deadUpstream()} {\npolicy sequential\nfailover REFUSED\nmax_connect_attempts 1\n}`,
    );
    expect(await forward.ask()).toMatchObject({ rcode: REFUSED, error: undefined });
  });
});

describe('next', () => {
  const nodata = { rcode: NOERROR, nodata: true };

  test.each([
    ['next NXDOMAIN', { rcode: NXDOMAIN }, GOOD],
    ['next SERVFAIL NXDOMAIN', { rcode: NXDOMAIN }, GOOD],
    ['next SERVFAIL', { rcode: NXDOMAIN }, []],
    ['next_on_nodata', nodata, GOOD],
    ['next NOERROR', nodata, GOOD],
    ['next_on_nodata', { rcode: NXDOMAIN }, []],
    ['', nodata, []],
  ])('%j after %o: %j', async (property, { rcode }, answer) => {
    await using first = await udpUpstream(({ message, send }) => send(answerTo(message, { rcode })));
    await using second = await addressUpstream('192.0.2.9');
    await using forward = await startForward(
      `forward . ${first.to} {\n${property}\n}\nforward example.org ${second.to}`,
    );
    expect(texts(await forward.ask())).toEqual(answer);
  });

  test('goes to the next stanza that has the name, past those that have not', async () => {
    await using first = await addressUpstream('', { rcode: NXDOMAIN });
    await using wrong = await addressUpstream('192.0.2.66');
    await using right = await addressUpstream('192.0.2.9');
    await using forward = await startForward(
      `forward . ${first.to} {\nnext NXDOMAIN\n}\nforward example.net ${wrong.to}\nforward org ${right.to}`,
    );
    expect(texts(await forward.ask())).toEqual(GOOD);
  });

  test('from one to the next, and the last reply stays', async () => {
    await using first = await addressUpstream('', { rcode: NXDOMAIN });
    await using second = await addressUpstream('', { rcode: REFUSED });
    await using forward = await startForward(
      `forward . ${first.to} {\nnext NXDOMAIN\n}\nforward . ${second.to} {\nnext REFUSED\n}`,
    );
    expect((await forward.ask()).rcode).toBe(REFUSED);
  });

  test('never goes to another plugin', async () => {
    await using first = await addressUpstream('', { rcode: NXDOMAIN });
    await using forward = await startForward(`forward . ${first.to} {\nnext NXDOMAIN\n}`);
    const other = makeReply({ plugin: 'other' });
    expect(await forward.ask({}, () => other)).toMatchObject({ rcode: NXDOMAIN, plugin: 'forward' });
  });
});

test('a loop of CNAMEs is relayed as it came', async () => {
  const answer = ['a.example.org. 1 CNAME b.example.org.', 'b.example.org. 1 CNAME a.example.org.'];
  await using upstream = await udpUpstream(({ message, send }) =>
    send(answerTo(message, { answer: answer.map((line) => parseRecord(line)) })),
  );
  await using forward = await startForward(`forward . ${upstream.to}`);
  expect(texts(await forward.ask({ name: 'a.example.org' }))).toEqual([
    'a.example.org. 1 IN CNAME b.example.org.',
    'b.example.org. 1 IN CNAME a.example.org.',
  ]);
  expect(queriesAt(upstream)).toHaveLength(1);
});
