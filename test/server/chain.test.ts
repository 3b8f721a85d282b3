/** Plugins in their order, made one handler. */
import { expect, test } from 'vitest';
import { Rcode } from '../../src/dns/types.ts';
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
