/** What a `timeouts` directive may say. Its effect on connections: test/server/tcp-settings.test.ts. */
import { describe, expect, test } from 'vitest';
import { CorefileError } from '../../../src/corefile/error.ts';
import type { TcpSettings } from '../../../src/plugins/plugin.ts';
import { timeoutsPlugin } from '../../../src/plugins/timeouts/index.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

function settingsOf(text: string): TcpSettings {
  const setup = makeSetup();
  expect(setUp(timeoutsPlugin, text, setup)).toBeUndefined();
  return setup.settings.tcp;
}

const DAY_MS = 86_400_000;

test.each<[string, TcpSettings]>([
  ['read 1s', { readMs: 1_000 }],
  ['write 2m30s', { writeMs: 150_000 }],
  ['idle 24h', { idleMs: DAY_MS }],
  ['read 1', { readMs: 1_000 }],
  ['idle 86400', { idleMs: DAY_MS }],
  ['idle +90', { idleMs: 90_000 }],
  ['read 1500ms', { readMs: 1_500 }],
  ['read 10s\n write 20s\n idle 1m', { readMs: 10_000, writeMs: 20_000, idleMs: 60_000 }],
  ['read 10s\n read 20s', { readMs: 20_000 }],
  ['maxtcpqueries 128', { queries: 128 }],
  ['maxtcpqueries 1\n idle 5s', { queries: 1, idleMs: 5_000 }],
  ['maxtcpqueries -1', { queries: Number.POSITIVE_INFINITY }],
])('%j', (text, expected) => {
  expect(settingsOf(`timeouts {\n ${text}\n}`)).toEqual(expected);
});

test('a second directive adds to the first', () => {
  const text = 'timeouts {\n read 10s\n idle 10s\n}\ntimeouts {\n idle 20s\n}';
  expect(settingsOf(text)).toEqual({ readMs: 10_000, idleMs: 20_000 });
});

describe('mistakes', () => {
  const none = 'timeouts block with no timeouts specified';
  const range = (given: string) => `timeout provided '${given}' needs to be between 1 second and 24 hours`;
  test.each([
    ['timeouts', none],
    ['timeouts {\n}', none],
    ['timeouts 5s', "Wrong argument count or unexpected line ending after '5s'"],
    ['timeouts {\n read\n}', "Wrong argument count or unexpected line ending after 'read'"],
    ['timeouts {\n read 1s 2s\n}', "Wrong argument count or unexpected line ending after '2s'"],
    ['timeouts {\n connect 1s\n}', "unknown option: 'connect'"],
    ['timeouts {\n read soon\n}', "failed to parse duration 'soon'"],
    ['timeouts {\n read 1x\n}', "failed to parse duration '1x'"],
    ['timeouts {\n read 1.5\n}', "failed to parse duration '1.5'"],
    ['timeouts {\n read 999ms\n}', range('999ms')],
    ['timeouts {\n read 0\n}', range('0s')],
    ['timeouts {\n write -5s\n}', range('-5s')],
    ['timeouts {\n idle 24h1s\n}', range('24h0m1s')],
    ['timeouts {\n idle 86401\n}', range('24h0m1s')],
    ['timeouts {\n maxtcpqueries\n}', "Wrong argument count or unexpected line ending after 'maxtcpqueries'"],
    ['timeouts {\n maxtcpqueries many\n}', "invalid value for maxtcpqueries 'many': not a number"],
    [
      'timeouts {\n maxtcpqueries 0\n}',
      "maxtcpqueries provided '0' needs to be -1 (unlimited) or a positive integer",
    ],
    [
      'timeouts {\n maxtcpqueries -2\n}',
      "maxtcpqueries provided '-2' needs to be -1 (unlimited) or a positive integer",
    ],
  ])('%j', (text, message) => {
    expect(() => settingsOf(text)).toThrow(CorefileError);
    expect(() => settingsOf(text)).toThrow(message);
  });
});
