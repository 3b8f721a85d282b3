import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorsPlugin } from '../../../src/plugins/errors/index.ts';
import { forwardPlugin } from '../../../src/plugins/forward/index.ts';
import { headerPlugin } from '../../../src/plugins/header/index.ts';
import { hostsPlugin } from '../../../src/plugins/hosts/index.ts';
import { makeReply } from '../../../src/plugins/reply.ts';
import { startChain } from '../../support/chain.ts';
import { makeQuery } from '../../support/query.ts';
import { makeSetup, setUp } from '../../support/setup.ts';
import type { Upstream } from '../forward/upstreams.ts';
import { askFor, blockOf } from '../rewrite/asking.ts';
import { startUpstream } from '../rewrite/upstream.ts';
import { headerCases } from './cases.ts';

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
});

afterAll(() => upstream[Symbol.asyncDispose]());

describe('flags, as CoreDNS', () => {
  test.each(headerCases)('$rules', async ({ rules, asks }) => {
    const factories = [errorsPlugin, headerPlugin, hostsPlugin, forwardPlugin];
    await using running = await startChain(factories, blockOf(rules, upstream.to));
    for (const [question, reply] of asks) expect(await askFor(running.port, question), question).toBe(reply);
  });
});

test('flags of a query are those of the message that goes on', () => {
  const plugin = setUp(headerPlugin, 'header {\nquery set aa ra\nquery clear rd\n}', makeSetup());
  plugin?.serve(makeQuery({ name: 'www.example' }), (query) => {
    expect(query.message).toMatchObject({ aa: true, ra: true, rd: false, id: 4711 });
    expect(query.name.toString()).toBe('www.example.');
    return makeReply({});
  });
  expect.assertions(2);
});

test('only the first of several counts, and the log says so', () => {
  const setup = makeSetup();
  const plugin = setUp(headerPlugin, 'header {\nresponse set aa\n}\nheader {\nresponse set ra\n}', setup);
  expect(plugin?.serve(makeQuery(), () => makeReply({ plugin: 'next' }))).toMatchObject({
    aa: true,
    ra: false,
  });
  expect(setup.lines).toEqual(['[WARNING] Only the first header of a server block counts']);
});

describe('is refused', () => {
  const mistakes: [text: string, message: string][] = [
    ['header', "Wrong argument count or unexpected line ending after 'header'"],
    ['header {\n}', "Wrong argument count or unexpected line ending after 'header'"],
    ['header x {\nquery set aa\n}', "Wrong argument count or unexpected line ending after 'x'"],
    ['header {\nfoo set aa\n}', 'setting up rule: invalid selector=foo should be query or response'],
    ['header {\nquery\n}', 'setting up rule: no flag action provided'],
    ['header {\nquery set\n}', 'setting up rule: invalid length for flags, at least one should be provided'],
    ['header {\nquery foo aa\n}', 'setting up rule: unknown flag action=foo, should be set or clear'],
    ['header {\nquery set zz\n}', 'setting up rule: unknown/unsupported flag=zz'],
  ];
  test.each(mistakes)('%j', (text, message) => {
    expect(() => setUp(headerPlugin, text, makeSetup())).toThrow(message);
  });
});
