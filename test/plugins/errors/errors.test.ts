import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Rcode, RrType } from '../../../src/dns/types.ts';
import { errorsPlugin } from '../../../src/plugins/errors/index.ts';
import type { Plugin } from '../../../src/plugins/plugin.ts';
import { failure, makeReply } from '../../../src/plugins/reply.ts';
import { reasons } from '../../../src/reasons.ts';
import { makeQuery } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

const TIMEOUT = 'read udp 10.0.0.2:4242->8.8.8.8:53: i/o timeout';
const failed = (error: string) => failure(Rcode.SERVFAIL, reasons.upstreamTimeout, error);

function plugIn(corefile: string) {
  const setup = makeSetup({ plugin: 'errors' });
  const plugin = setUp(errorsPlugin, corefile, setup) as Plugin;
  const fail = (error: string, name = 'example.org.') =>
    plugin.serve(makeQuery({ name }), () => failed(error));
  return { setup, plugin, fail, lines: setup.lines };
}

describe('a line', () => {
  test('has rcode, name, type and error, and the reply is passed on', async () => {
    const { plugin, lines } = plugIn('errors');
    const reply = failed(TIMEOUT);
    expect(plugin.serve(makeQuery({ name: 'Example.ORG.', type: RrType.AAAA }), () => reply)).toBe(reply);
    expect(await plugin.serve(makeQuery(), async () => reply)).toBe(reply);
    expect(lines).toEqual([
      `[ERROR] plugin/errors: 2 example.org. AAAA: ${TIMEOUT}`,
      `[ERROR] plugin/errors: 2 example.org. A: ${TIMEOUT}`,
    ]);
  });

  test('is not written for a reply without an error, whatever its rcode', () => {
    const { plugin, lines } = plugIn('errors stdout');
    plugin.serve(makeQuery(), () => makeReply({ rcode: Rcode.SERVFAIL, reason: reasons.notSynced }));
    plugin.serve(makeQuery(), () => makeReply({ rcode: Rcode.NXDOMAIN }));
    expect(lines).toEqual([]);
  });
});

describe('consolidate', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('counts from the first error on and tells the sum', () => {
    const { fail, lines } = plugIn('errors {\nconsolidate 30s ".* i/o timeout$"\n}');
    fail(TIMEOUT);
    vi.advanceTimersByTime(29_999);
    fail(TIMEOUT, 'x.example.org.');
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(lines).toEqual(["[ERROR] plugin/errors: 2 errors like '.* i/o timeout$' occurred in last 30s"]);
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(1);
    fail(TIMEOUT);
    vi.advanceTimersByTime(30_000);
    expect(lines[1]).toBe("[ERROR] plugin/errors: 1 errors like '.* i/o timeout$' occurred in last 30s");
  });

  test('leaves other errors alone, and the first expression that fits takes one', () => {
    const { fail, lines } = plugIn(
      'errors {\nconsolidate 1m "^read" warning\nconsolidate 1m "timeout$" info\nconsolidate 90s "^plugin" debug\n}',
    );
    fail(TIMEOUT);
    fail('dial timeout');
    fail('dial timeout');
    fail('plugin/loop: x');
    fail('connection refused');
    vi.advanceTimersByTime(90_000);
    expect(lines).toEqual([
      '[ERROR] plugin/errors: 2 example.org. A: connection refused',
      "[WARNING] plugin/errors: 1 errors like '^read' occurred in last 1m0s",
      "[INFO] plugin/errors: 2 errors like 'timeout$' occurred in last 1m0s",
      "[DEBUG] plugin/errors: 1 errors like '^plugin' occurred in last 1m30s",
    ]);
  });

  test('show_first writes the first at once, and a summary only for more', () => {
    const { fail, lines } = plugIn('errors {\nconsolidate 30s timeout warning show_first\n}');
    fail(TIMEOUT);
    expect(lines).toEqual([`[WARNING] plugin/errors: 2 example.org. A: ${TIMEOUT}`]);
    vi.advanceTimersByTime(30_000);
    expect(lines).toHaveLength(1);
    fail(TIMEOUT);
    fail(TIMEOUT);
    fail(TIMEOUT);
    vi.advanceTimersByTime(30_000);
    expect(lines.slice(1)).toEqual([
      `[WARNING] plugin/errors: 2 example.org. A: ${TIMEOUT}`,
      "[WARNING] plugin/errors: 3 errors like 'timeout' occurred in last 30s",
    ]);
  });

  test('tells at shutdown what was counted, and holds nothing back after it', async () => {
    const { setup, fail, lines } = plugIn('errors {\nconsolidate 1h timeout\n}');
    fail(TIMEOUT);
    await setup.shutdown();
    expect(lines).toEqual(["[ERROR] plugin/errors: 1 errors like 'timeout' occurred in last 1h0m0s"]);
    fail(TIMEOUT);
    expect(lines[1]).toBe(`[ERROR] plugin/errors: 2 example.org. A: ${TIMEOUT}`);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('stacktrace is a setting of the block', () => {
  const { setup } = plugIn('errors {\nstacktrace\n}');
  expect(setup.settings.stacktrace).toBe(true);
  expect(plugIn('errors').setup.settings.stacktrace).toBe(false);
});

describe('mistakes', () => {
  const long = 'x'.repeat(10_001);
  const cases: [corefile: string, message: string][] = [
    ['errors stderr', 'invalid log file: stderr'],
    ['errors stdout stdout', "Wrong argument count or unexpected line ending after 'stdout'"],
    ['errors\nerrors', 'this plugin can only be used once per Server Block'],
    ['errors {\ncombine\n}', "unknown property 'combine'"],
    ['errors {\nstacktrace on\n}', "Wrong argument count or unexpected line ending after 'on'"],
    ['errors {\nconsolidate 1m\n}', "Wrong argument count or unexpected line ending after '1m'"],
    ['errors {\nconsolidate 1m a error show_first x\n}', "unexpected line ending after 'x'"],
    ['errors {\nconsolidate soon a\n}', 'time: invalid duration "soon"'],
    ['errors {\nconsolidate 1m (\n}', 'Invalid regular expression'],
    ['errors {\nconsolidate 1m "\\p{L}"\n}', "'\\p' of Go's regexp is not supported"],
    [`errors {\nconsolidate 1m ${long}\n}`, 'regex pattern too long: 10001 > 10000'],
    ['errors {\nconsolidate 1m a fatal\n}', 'unknown option in consolidate: fatal'],
    ['errors {\nconsolidate 1m a info error\n}', 'multiple log levels specified in consolidate'],
    ['errors {\nconsolidate 1m a show_first info\n}', 'log level must come before show_first in consolidate'],
  ];
  test.each(cases)('%.60s', (corefile, message) => {
    expect(() => setUp(errorsPlugin, corefile, makeSetup())).toThrow(message);
  });
});
