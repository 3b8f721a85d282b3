/** What a `multisocket` directive may say. The sockets that it makes: test/server/batched. */
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { CorefileError } from '../../../src/corefile/error.ts';
import { multisocketPlugin } from '../../../src/plugins/multisocket/index.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

test.each([
  ['multisocket', Math.max(1, availableParallelism() - 1)],
  ['multisocket 1', 1],
  ['multisocket +5', 5],
  ['multisocket 1024', 1024],
])('%s', (text, sockets) => {
  const setup = makeSetup();
  expect(setUp(multisocketPlugin, text, setup)).toBeUndefined();
  expect(setup.settings.udpSockets).toBe(sockets);
});

describe('mistakes', () => {
  test.each([
    ['multisocket 1 2', "Wrong argument count or unexpected line ending after '2'"],
    ['multisocket 1\nmultisocket 2', "Wrong argument count or unexpected line ending after '2'"],
    ['multisocket 0', 'num sockets can not be zero or negative: 0'],
    ['multisocket -3', 'num sockets can not be zero or negative: -3'],
    ['multisocket 1025', 'num sockets exceeds maximum (1024): 1025'],
    ['multisocket two', 'invalid num sockets: strconv.Atoi: parsing "two": invalid syntax'],
    ['multisocket 1.5', 'invalid num sockets: strconv.Atoi: parsing "1.5": invalid syntax'],
    [
      'multisocket 99999999999999999999',
      'invalid num sockets: strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    ['multisocket {\n}', "Unexpected token '{', 'multisocket' takes no block"],
  ])('%j: %s', (text, message) => {
    const refused = () => setUp(multisocketPlugin, text, makeSetup());
    expect(refused).toThrow(CorefileError);
    expect(refused).toThrow(message);
  });
});
