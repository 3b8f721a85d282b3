import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Rcode } from '../../../src/dns/types.ts';
import { cancelPlugin } from '../../../src/plugins/cancel/index.ts';
import { errorsPlugin } from '../../../src/plugins/errors/index.ts';
import type { Plugin, PluginFactory } from '../../../src/plugins/plugin.ts';
import { makeReply, type Reply } from '../../../src/plugins/reply.ts';
import { reasons } from '../../../src/reasons.ts';
import { askChain, startChain } from '../../support/chain.ts';
import { makeQuery } from '../../support/query.ts';
import { makeSetup, setUp, type TestSetup } from '../../support/setup.ts';

function plugin(corefile: string, setup: TestSetup = makeSetup()): Plugin {
  const made = setUp(cancelPlugin, corefile, setup);
  if (made === undefined) throw new Error('no plugin');
  return made;
}

describe('time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** The reply, if it is there. */
  async function settled(reply: Reply | Promise<Reply>): Promise<Reply | undefined> {
    return Promise.race([reply, Promise.resolve().then(() => undefined)]);
  }

  test.each([
    ['cancel', 5001, '5.001s'],
    ['cancel 1s', 1000, '1s'],
    ['cancel 1m500ms', 60_500, '1m0.5s'],
    ['cancel 1s\ncancel 2s', 2000, '2s'],
  ])('%j: SERVFAIL after %i ms', async (corefile, milliseconds, text) => {
    const reply = plugin(corefile).serve(makeQuery(), () => new Promise<Reply>(() => {}));
    await vi.advanceTimersByTimeAsync(milliseconds - 1);
    expect(await settled(reply)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(await reply).toMatchObject({
      rcode: Rcode.SERVFAIL,
      reason: reasons.cancelled,
      error: `plugin/cancel: no answer after ${text}`,
      validity: { kind: 'never' },
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an answer that is there at once is passed on without a timer', () => {
    const given = makeReply({});
    expect(plugin('cancel').serve(makeQuery(), () => given)).toBe(given);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an answer in time is passed on, and ends the timer', async () => {
    const given = makeReply({});
    const reply = plugin('cancel').serve(makeQuery(), async () => given);
    expect(vi.getTimerCount()).toBe(1);
    expect(await reply).toBe(given);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a failure in time is passed on, and ends the timer', async () => {
    const reply = plugin('cancel').serve(makeQuery(), () => Promise.reject(new Error('broken')));
    await expect(reply).rejects.toThrow('broken');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a duration beyond what timers can wait is no short one', async () => {
    const reply = plugin('cancel 10000h').serve(makeQuery(), () => new Promise<Reply>(() => {}));
    await vi.advanceTimersByTimeAsync(1000);
    expect(await settled(reply)).toBeUndefined();
  });

  test("an answer that comes too late is nobody's, a failure is logged", async () => {
    const setup = makeSetup({ plugin: 'cancel' });
    const { serve } = plugin('cancel 1s', setup);
    const late = Promise.withResolvers<Reply>();
    const failing = Promise.withResolvers<Reply>();
    const replies = [late, failing].map(({ promise }) => serve(makeQuery(), () => promise));
    await vi.advanceTimersByTimeAsync(1000);
    late.resolve(makeReply({}));
    failing.reject(new Error('broken'));
    for (const reply of await Promise.all(replies)) expect(reply.reason).toBe(reasons.cancelled);
    expect(setup.lines).toEqual(['[ERROR] plugin/cancel: failed after its query was cancelled: broken']);
  });
});

test('on the wire: the client gets SERVFAIL, the log says why', async () => {
  const stuck: PluginFactory = {
    name: 'whoami',
    setup: () => ({ name: 'stuck', serve: () => new Promise<Reply>(() => {}) }),
  };
  await using running = await startChain([errorsPlugin, cancelPlugin, stuck], 'errors\ncancel 1ms\nwhoami');
  expect((await askChain(running, { name: 'x.example' })).rcode).toBe(Rcode.SERVFAIL);
  expect(running.lines).toEqual([
    '[ERROR] plugin/errors: 2 x.example. A: plugin/cancel: no answer after 1ms',
  ]);
});

describe('mistakes', () => {
  test.each([
    ['cancel x', 'time: invalid duration "x"'],
    ['cancel 5', 'time: missing unit in duration "5"'],
    ['cancel 0s', 'invalid duration "0s": it must be more than 0'],
    ['cancel -1s', 'invalid duration "-1s": it must be more than 0'],
    ['cancel 1s 2s', "Wrong argument count or unexpected line ending after '2s'"],
    ['cancel {\n}', "Unexpected token '{', 'cancel' takes no block"],
  ])('%s', (corefile, message) => {
    expect(() => setUp(cancelPlugin, corefile, makeSetup())).toThrow(message);
  });
});
