import { describe, expect, test } from 'vitest';
import { Rcode, RrType } from '../../../src/dns/types.ts';
import { reasons } from '../../../src/reasons.ts';
import { makeQuery } from '../../support/query.ts';
import { until } from '../../support/until.ts';
import { addressUpstream, type RunningForward, startForward, texts } from './plugin.ts';
import { answerTo, deadUpstream, queriesAt, type Upstream, udpUpstream } from './upstreams.ts';

const ONE = ['example.org. 60 IN A 192.0.2.1'];

function checksAt({ requests }: Upstream) {
  return requests.filter(({ questions: [question] }) => question?.type === RrType.NS);
}

/** Lets a query fail, and waits until the checks have found the upstream down. */
async function knockDown(forward: RunningForward, to: string): Promise<void> {
  await forward.ask();
  await until(`${to} is down`, () => forward.setup.lines.some((line) => line.includes(`${to} is down`)));
}

describe('an upstream that does not answer', () => {
  test('is checked, goes down, is passed over, and comes back once a check succeeds', async () => {
    await using other = await addressUpstream('192.0.2.2');
    const to = await deadUpstream();
    await using forward = await startForward(
      `forward . ${to} ${other.to} {\npolicy sequential\nhealth_check 50ms\n}`,
    );
    await knockDown(forward, to);
    const failures = `coredns_proxy_healthcheck_failures_total{proxy_name="forward",to="${to}"}`;
    expect(await forward.metric(failures)).toBeGreaterThanOrEqual(3);
    expect(forward.setup.lines).toHaveLength(1);
    expect(forward.setup.lines[0]).toMatch(
      new RegExp(`^\\[WARNING\\] plugin/forward: upstream ${to} is down: read udp .*connection refused$`),
    );
    expect(texts(await forward.ask())).toEqual(['example.org. 60 IN A 192.0.2.2']);

    await using back = await addressUpstream('192.0.2.1', { port: Number(to.split(':')[1]) });
    await until('it is back', () => forward.setup.lines.length === 2);
    expect(forward.setup.lines[1]).toBe(`[INFO] plugin/forward: upstream ${to} is back`);
    expect(texts(await forward.ask())).toEqual(ONE);
    expect(checksAt(back)).toHaveLength(1);
  });

  test('one that answers the check at once is never down, and checked once', async () => {
    const answers = ['no', 'yes'];
    await using upstream = await udpUpstream(({ message, send }) => {
      if (answers.shift() !== 'no') send(answerTo(message, { rcode: Rcode.REFUSED }));
    });
    await using forward = await startForward(`forward . ${upstream.to} {\nread_timeout 50ms\n}`);
    expect((await forward.ask()).rcode).toBe(Rcode.REFUSED);
    await until('the check is answered', () => checksAt(upstream).length === 1);
    expect(forward.setup.lines).toEqual([]);
    expect(checksAt(upstream)).toHaveLength(1);
  });

  test.each([
    ['', '.', true],
    ['health_check 50ms no_rec', '.', false],
    ['health_check 50ms domain health.example', 'health.example.', true],
  ])('the check with %j asks for %s NS, RD %s', async (property, name, rd) => {
    await using silent = await udpUpstream(() => {});
    await using forward = await startForward(
      `forward . ${silent.to} {\nread_timeout 20ms\nmax_connect_attempts 1\n${property}\n}`,
    );
    await forward.ask();
    await until('a check', () => checksAt(silent).length > 0);
    const [check] = checksAt(silent);
    expect(check?.questions.map((question) => question.name.toString())).toEqual([name]);
    expect(check).toMatchObject({ rd, edns: undefined });
  });

  test('max_fails 0: never checked', async () => {
    await using silent = await udpUpstream(() => {});
    await using forward = await startForward(
      `forward . ${silent.to} {\nread_timeout 20ms\nmax_fails 0\nhealth_check 50ms\n}`,
    );
    await forward.ask();
    await forward.ask();
    expect(queriesAt(silent)).toHaveLength(4);
    expect(checksAt(silent)).toEqual([]);
  });

  test('checks end at shutdown', async () => {
    const to = await deadUpstream();
    const forward = await startForward(`forward . ${to} {\nhealth_check 50ms\n}`);
    await forward.ask();
    await forward[Symbol.asyncDispose]();
    const failures = `coredns_proxy_healthcheck_failures_total{proxy_name="forward",to="${to}"}`;
    const counted = await forward.metric(failures);
    await using late = await udpUpstream(() => {}, { port: Number(to.split(':')[1]) });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(late.requests).toEqual([]);
    expect(await forward.metric(failures)).toBe(counted);
  });
});

describe('all upstreams down', () => {
  test('one is tried all the same, and that is counted', async () => {
    const to = await deadUpstream();
    await using forward = await startForward(`forward . ${to} {\nhealth_check 50ms\nmax_fails 1\n}`);
    const notes = () => forward.setup.context.readiness.notes().map(({ note }) => note());
    expect(notes()).toEqual([undefined]);
    const broken = 'coredns_forward_healthcheck_broken_total';
    expect(await forward.metric(broken)).toBe(0);
    await knockDown(forward, to);
    expect(await forward.ask()).toMatchObject({ rcode: Rcode.SERVFAIL, reason: reasons.upstreamError });
    expect(await forward.metric(broken)).toBe(1);
    expect(notes()).toEqual([
      expect.stringMatching(
        new RegExp(`^all upstreams of 'forward \\. ${to}' are down: .*connection refused$`),
      ),
    ]);
  });

  test('the one that is tried may answer, though its checks fail', async () => {
    await using upstream = await udpUpstream(({ message, send }) => {
      const isCheck = message.questions[0]?.type === RrType.NS;
      if (!isCheck && queriesAt(upstream).length > 1) send(answerTo(message));
    });
    await using forward = await startForward(
      `forward . ${upstream.to} {\nread_timeout 20ms\nmax_connect_attempts 1\nhealth_check 50ms\nmax_fails 1\n}`,
    );
    await knockDown(forward, upstream.to);
    expect((await forward.ask()).rcode).toBe(Rcode.NOERROR);
    expect(await forward.metric('coredns_forward_healthcheck_broken_total')).toBe(1);
  });

  test('failfast_all_unhealthy_upstreams: SERVFAIL at once', async () => {
    const to = await deadUpstream();
    await using forward = await startForward(
      `forward . ${to} {\nfailfast_all_unhealthy_upstreams\nhealth_check 50ms\nmax_fails 1\n}`,
    );
    await knockDown(forward, to);
    expect(await forward.ask()).toMatchObject({
      rcode: Rcode.SERVFAIL,
      reason: reasons.noHealthyUpstream,
      error: 'no healthy proxies',
    });
    expect(await forward.metric('coredns_forward_healthcheck_broken_total')).toBe(1);
  });
});

test('an upstream that dies under load: every query is answered by the other, none waits beyond the deadline', async () => {
  let isAlive = true;
  await using dying = await udpUpstream(({ message, send }) => {
    if (isAlive) send(answerTo(message));
  });
  await using other = await udpUpstream(({ message, send }) => send(answerTo(message)));
  await using forward = await startForward(
    `forward . ${dying.to} ${other.to} {\npolicy round_robin\nread_timeout 200ms\nhealth_check 50ms\n}`,
  );
  const rcodes: Promise<number>[] = [];
  for (let i = 0; i < 400; i++) {
    if (i === 100) isAlive = false;
    rcodes.push(forward.ask({ name: `n${i}.example.org` }).then(({ rcode }) => rcode));
    if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(new Set(await Promise.all(rcodes))).toEqual(new Set([Rcode.NOERROR]));
  await until('it is down', () => forward.setup.lines.some((line) => line.includes('is down')));
  const before = queriesAt(dying).length;
  expect((await forward.ask()).rcode).toBe(Rcode.NOERROR);
  expect((await forward.ask()).rcode).toBe(Rcode.NOERROR);
  expect(queriesAt(dying)).toHaveLength(before);
});

test('checks of a replaced configuration end with it, and its queries are answered', async () => {
  const held: (() => void)[] = [];
  await using upstream = await udpUpstream(({ message, send }) => held.push(() => send(answerTo(message))));
  await using forward = await startForward(`forward . ${upstream.to}`);
  const waiting = forward.serve(makeQuery(), () => {
    throw new Error('went on');
  });
  await until('the query is at the upstream', () => held.length === 1);
  await forward.setup.shutdown(true);
  held[0]?.();
  expect((await waiting).rcode).toBe(Rcode.NOERROR);
});
