/** Plugins in their order, made one handler. */
import { expect, test } from 'vitest';
import { Rcode } from '../../src/dns/types.ts';
import { finishing } from '../../src/plugins/finishing.ts';
import type { Plugin } from '../../src/plugins/plugin.ts';
import { makeReply, whenReplied } from '../../src/plugins/reply.ts';
import { reasons } from '../../src/reasons.ts';
import { chain } from '../../src/server/chain.ts';
import { makeQuery } from '../support/query.ts';

/** Notes that it was passed on the way in and on the way out. */
function passing(name: string, trail: string[]): Plugin {
  return {
    name,
    serve: (query, next) => {
      trail.push(`> ${name}`);
      return whenReplied(next(query), (reply) => {
        trail.push(`< ${name}`);
        return reply;
      });
    },
  };
}

/** Notes that a reply passed it on its way out. */
function onTheWayOut(name: string, trail: string[]): Plugin {
  return finishing(name, (_query, reply) => {
    trail.push(`< ${name}`);
    return { ...reply, plugin: `${reply.plugin} ${name}` };
  });
}

const answer = makeReply({ aa: true, plugin: 'last' });

test('a query goes inwards in order, its reply outwards, and nothing waits where no plugin does', () => {
  const trail: string[] = [];
  const handler = chain([
    passing('outer', trail),
    passing('inner', trail),
    { name: 'last', serve: () => answer },
  ]);
  expect(handler(makeQuery())).toBe(answer);
  expect(trail).toEqual(['> outer', '> inner', '< inner', '< outer']);
});

test('a reply that is awaited comes out the same way', async () => {
  const trail: string[] = [];
  const handler = chain([passing('outer', trail), { name: 'last', serve: async () => answer }]);
  const reply = handler(makeQuery());
  expect(reply).toBeInstanceOf(Promise);
  expect(trail).toEqual(['> outer']);
  expect(await reply).toBe(answer);
  expect(trail).toEqual(['> outer', '< outer']);
});

test('a plugin behind the one that answers is not asked', () => {
  const unasked: Plugin = {
    name: 'unasked',
    serve: () => {
      throw new Error('asked');
    },
  };
  expect(chain([{ name: 'first', serve: () => answer }, unasked])(makeQuery())).toBe(answer);
});

test('what nobody answers is SERVFAIL, and says whose next plugin is missing', () => {
  const handler = chain([passing('outer', []), passing('kubernetes', [])]);
  expect(handler(makeQuery())).toEqual(
    makeReply({
      rcode: Rcode.SERVFAIL,
      reason: reasons.noNextPlugin,
      error: 'plugin/kubernetes: no next plugin found',
    }),
  );
});

test('plugins see the query as the one before them passes it on', () => {
  const seen: string[] = [];
  const renaming: Plugin = {
    name: 'renaming',
    serve: (query, next) => next(query.withQuestion(query.name.suffix(1), 28)),
  };
  const looking: Plugin = {
    name: 'looking',
    serve: (query) => {
      seen.push(`${query.name} ${query.type}`);
      return answer;
    },
  };
  chain([renaming, looking])(makeQuery({ name: 'www.example.org.' }));
  expect(seen).toEqual(['org. 28']);
});

test.each([
  ['at once', () => answer],
  ['later', async () => answer],
])('plugins that only finish replies take their turn among the others: %s', async (_, serve) => {
  const trail: string[] = [];
  const handler = chain([
    ...[onTheWayOut('a', trail), onTheWayOut('b', trail), passing('c', trail)],
    ...[onTheWayOut('d', trail), { name: 'last', serve }],
  ]);
  expect((await handler(makeQuery())).plugin).toBe('last d b a');
  expect(trail).toEqual(['> c', '< d', '< c', '< b', '< a']);
});

test('what fails while a reply is finished fails as the chain does', async () => {
  const broken = finishing('broken', () => {
    throw new Error('a defect');
  });
  expect(() => chain([broken, { name: 'last', serve: () => answer }])(makeQuery())).toThrow('a defect');
  const later = chain([broken, { name: 'last', serve: async () => answer }])(makeQuery());
  await expect(later).rejects.toThrow('a defect');
});

test('a plugin that only finishes does the same alone', async () => {
  const trail: string[] = [];
  const plugin = onTheWayOut('a', trail);
  expect(plugin.serve(makeQuery(), () => answer)).toMatchObject({ plugin: 'last a' });
  expect(await plugin.serve(makeQuery(), async () => answer)).toMatchObject({ plugin: 'last a' });
});
