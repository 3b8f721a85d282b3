import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/limits.ts';
import { readOptions } from '../../../src/plugins/cache/options.ts';
import { directivesOf } from '../../support/setup.ts';
import { startCache } from './harness.ts';

function read(text: string) {
  const [directive] = directivesOf(text);
  if (directive === undefined) throw new Error('no directive');
  return readOptions(directive);
}

const option = (line: string) => read(`cache {\n${line}\n}`);

test('the defaults', () => {
  expect(read('cache')).toEqual({
    zones: [],
    success: { capacity: 10_000, maxTtl: 3600, minTtl: 5, disabled: [] },
    denial: { capacity: 10_000, maxTtl: 1800, minTtl: 5, disabled: [] },
    servfailTtl: 5,
    prefetch: undefined,
    stale: undefined,
    preferPositive: false,
    keepTtl: false,
  });
});

describe('TTL and zones', () => {
  test.each([
    ['cache 30', 30, 30, []],
    ['cache +30 example.org', 30, 30, ['example.org.']],
    ['cache Example.org 10.0.0.0/8', 3600, 1800, ['example.org.', '10.in-addr.arpa.']],
    ['cache 30s', 3600, 1800, ['30s.']],
    ['cache 25 {\n denial 10 15\n}', 25, 15, []],
  ])('%j', (text, success, denial, zones) => {
    const options = read(text);
    expect(options).toMatchObject({ success: { maxTtl: success }, denial: { maxTtl: denial } });
    expect(options.zones.map(String)).toEqual(zones);
  });
});

describe('options', () => {
  test.each([
    ['success 10', { success: { capacity: 10, maxTtl: 3600, minTtl: 5 } }],
    [
      'success 10 1800 30',
      { success: { capacity: 10, maxTtl: 1800, minTtl: 30 }, denial: { capacity: 10_000 } },
    ],
    ['success 0', { success: { capacity: 0 } }],
    ['success -1', { success: { capacity: 0 } }],
    ['denial 10 15 0', { denial: { capacity: 10, maxTtl: 15, minTtl: 0 }, success: { capacity: 10_000 } }],
    ['prefetch 0', { prefetch: undefined }],
    ['prefetch 10', { prefetch: { amount: 10, gapMs: 60_000, percent: 10 } }],
    ['prefetch 10 5m', { prefetch: { amount: 10, gapMs: 300_000, percent: 10 } }],
    ['prefetch 10 5m 90%', { prefetch: { amount: 10, gapMs: 300_000, percent: 90 } }],
    ['servfail 0', { servfailTtl: 0 }],
    ['servfail 1m', { servfailTtl: 60 }],
    ['servfail 5m', { servfailTtl: 300 }],
    ['keepttl', { keepTtl: true }],
    ['serve_stale\nserve_stale_policy prefer_positive', { preferPositive: true }],
    ['serve_stale_policy PREFER_positive\nserve_stale 0', { preferPositive: true, stale: undefined }],
  ])('%j', (line, expected) => {
    expect(option(line)).toMatchObject(expected);
  });

  const stale = { seconds: 3600, mode: 'immediate', timeoutMs: 0, ttl: 0, recheckMs: 0 };
  test.each([
    ['serve_stale', stale],
    ['serve_stale 1h20m', { ...stale, seconds: 4800 }],
    ['serve_stale 0', undefined],
    ['serve_stale 999ms', undefined],
    ['serve_stale 0 verify', undefined],
    ['serve_stale 1h immediate', stale],
    ['serve_stale 1h Immediate 30s', { ...stale, ttl: 30 }],
    ['serve_stale 1h immediate 30s 250ms', { ...stale, ttl: 30, recheckMs: 250 }],
    ['serve_stale 1h immediate 4294967295s', { ...stale, ttl: 0xffff_ffff }],
    ['serve_stale 1h VERIFY', { ...stale, mode: 'verify' }],
    ['serve_stale 1h verify 100ms', { ...stale, mode: 'verify', timeoutMs: 100 }],
    ['serve_stale 1h verify 0 1m 5m', { ...stale, mode: 'verify', ttl: 60, recheckMs: 300_000 }],
    ['serve_stale 1h verify 2000h', { ...stale, mode: 'verify', timeoutMs: limits.timerMaxMs }],
    ['serve_stale 1h verify 1s\nserve_stale 2h', { ...stale, seconds: 7200 }],
  ])('%j', (line, expected) => {
    expect(option(line).stale).toEqual(expected);
  });

  test('the last line of a kind decides', () => {
    const { success, denial } = option(
      'disable denial a\ndisable success b c.\ndisable denial D\nsuccess 1\nsuccess 2',
    );
    expect([success, denial].map(({ disabled }) => disabled.map(String))).toEqual([['b.', 'c.'], ['D.']]);
    expect(success.capacity).toBe(2);
  });
});

describe('mistakes', () => {
  const wrongCount = (last: string) => `Wrong argument count or unexpected line ending after '${last}'`;
  const cases: [string, string][] = [
    ['success', wrongCount('success')],
    ['denial 1 2 3 4', wrongCount('4')],
    ['success many', "'many' is not a whole number"],
    ['success 1 many', "'many' is not a whole number"],
    ['success 1 0', 'cache TTL can not be zero or negative: 0'],
    ['denial 1 -5', 'cache TTL can not be zero or negative: -5'],
    ['success 1 4294967296', 'cache TTL: 4294967296 is too large: the most is 2147483647'],
    ['denial 1 5 -1', 'cache min TTL can not be negative: -1'],
    ['denial 1 5 x', "cache min TTL: 'x' is not a whole number"],
    ['prefetch', wrongCount('prefetch')],
    ['prefetch 1 1m 10% x', wrongCount('x')],
    ['prefetch x', "'x' is not a whole number"],
    ['prefetch -1', 'prefetch amount should be positive: -1'],
    ['prefetch 0 blurp', 'time: invalid duration "blurp"'],
    ['prefetch 1 1m 10', "last character of percentage should be `%`, but is: '0'"],
    ['prefetch 1 1m ""', "last character of percentage should be `%`, but is: ''"],
    ['prefetch 1 1m x%', "'x' is not a whole number"],
    ['prefetch 1 1m 9%', 'percentage should fall in range [10, 90]: 9'],
    ['prefetch 1 1m 91%', 'percentage should fall in range [10, 90]: 91'],
    ['serve_stale 20', 'time: missing unit in duration "20"'],
    ['serve_stale -20m', 'invalid negative duration for serve_stale'],
    ['serve_stale 1m Nono', 'invalid value for serve_stale refresh mode: nono'],
    ['serve_stale 1h immediate x', 'invalid serve_stale response TTL: time: invalid duration "x"'],
    ['serve_stale 1h immediate -1s', 'invalid negative response TTL for serve_stale'],
    ['serve_stale 1h immediate 100ms', 'serve_stale response TTL must be a whole number of seconds'],
    ['serve_stale 1h immediate 4294967296s', 'serve_stale response TTL exceeds the DNS TTL range'],
    ['serve_stale 1h immediate 0 x', 'invalid serve_stale failure recheck: time: invalid duration "x"'],
    ['serve_stale 1h immediate 0 -1s', 'invalid negative failure recheck for serve_stale'],
    ['serve_stale 1h immediate 0 301s', 'serve_stale failure recheck cannot exceed 5 minutes'],
    ['serve_stale 1h immediate 0 0 0', wrongCount('0')],
    ['serve_stale 1h verify x', 'invalid serve_stale verify timeout: time: invalid duration "x"'],
    ['serve_stale 1h verify -1ms', 'invalid negative timeout for serve_stale verify'],
    ['serve_stale 1h verify 0 500ms', 'serve_stale response TTL must be a whole number of seconds'],
    ['serve_stale 1h verify 0 0 6m', 'serve_stale failure recheck cannot exceed 5 minutes'],
    ['serve_stale 1h verify 0 0 0 1', wrongCount('1')],
    ['serve_stale_policy prefer_positive', 'serve_stale_policy requires serve_stale'],
    ['serve_stale\nserve_stale_policy', wrongCount('serve_stale_policy')],
    ['serve_stale\nserve_stale_policy best', 'invalid serve_stale_policy: best'],
    [
      'serve_stale\nserve_stale_policy prefer_positive\nserve_stale_policy prefer_positive',
      'serve_stale_policy can only be specified once',
    ],
    ['servfail', wrongCount('servfail')],
    ['servfail 1 2', wrongCount('2')],
    ['servfail x', 'time: invalid duration "x"'],
    ['servfail -1s', 'invalid negative ttl for servfail'],
    ['servfail 301s', 'caching SERVFAIL responses over 5 minutes is not permitted'],
    ['disable', wrongCount('disable')],
    ['disable error', 'cache type for disable must be "success" or "denial"'],
    ['disable denial a..b', 'invalid disabled zone: a..b'],
    ['keepttl 5', wrongCount('5')],
    ['keepttl {\n}', "Unexpected token '{', 'keepttl' takes no block"],
    ['positive 15', "unknown property 'positive'"],
  ];
  test.each(cases)('%j', (line, message) => {
    expect(() => option(line)).toThrow(message);
  });

  test.each([
    ['cache 0', 'cache TTL can not be zero or negative: 0'],
    ['cache -1 example.org', 'cache TTL can not be zero or negative: -1'],
    ['cache 30 a..b', 'a..b'],
    ['cache\ncache', 'this plugin can only be used once per Server Block'],
  ])('%j', (text, message) => {
    expect(() => startCache(text)).toThrow(message);
  });

  test('more than can be kept is warned of', () => {
    const { setup } = startCache('cache {\n success 1000001\n denial 1000000\n}');
    expect(setup.lines).toEqual([
      '[WARNING] plugin/cache: success capacity 1000001 is more than can be kept: 1000000 is used',
    ]);
  });
});
