import { expect, test } from 'vitest';
import { debugPlugin } from '../../../src/plugins/debug/index.ts';
import { makeSetup, setUp } from '../../support/setup.ts';

test('is a setting of the block, no part of the chain', () => {
  const setup = makeSetup();
  expect(setUp(debugPlugin, 'debug', setup)).toBeUndefined();
  expect(setup.settings.debug).toBe(true);
});

test.each([
  ['debug on', "Wrong argument count or unexpected line ending after 'on'"],
  ['debug {\n}', "Unexpected token '{', 'debug' takes no block"],
])('%s', (corefile, message) => {
  expect(() => setUp(debugPlugin, corefile, makeSetup())).toThrow(message);
});
