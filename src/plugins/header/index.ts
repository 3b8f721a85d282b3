/** `header`: sets and clears flags of the queries that go on and of the replies that come back. */
import { noArgs, noBlock } from '../../corefile/args.ts';
import { argumentError, type Directive, errorAt } from '../../corefile/ast.ts';
import type { Plugin, PluginFactory, Query } from '../plugin.ts';
import { type Reply, whenReplied } from '../reply.ts';

const FLAGS = ['aa', 'ra', 'rd'] as const;
type Flag = (typeof FLAGS)[number];
/** The last word on a flag counts. */
type Flags = Partial<Record<Flag, boolean>>;

interface Rules {
  readonly query: Flags;
  readonly response: Flags;
}

export const headerPlugin: PluginFactory = {
  name: 'header',

  setup(directives, { log }): Plugin {
    const [rules, ...others] = directives.map(readRules);
    if (rules === undefined) throw argumentError(directives[0]);
    if (others.length > 0) log.warning('Only the first header of a server block counts');
    const { query: onQuery, response: onResponse } = rules;
    const changesQueries = Object.keys(onQuery).length > 0;
    return {
      name: 'header',
      serve: (query, next) =>
        whenReplied(next(changesQueries ? withFlags(query, onQuery) : query), (reply) =>
          replyWithFlags(reply, onQuery, onResponse),
        ),
    };
  },
};

function withFlags(query: Query, flags: Flags): Query {
  return query.withMessage({ ...query.message, ...flags });
}

function replyWithFlags(reply: Reply, { rd }: Flags, onResponse: Flags): Reply {
  // RFC 5936 §2.2.1 says what the flags of a zone transfer are.
  if (reply.transfer !== undefined) return reply;
  // A reply repeats the RD that its plugin was asked with.
  const asked = rd === undefined || reply.rd !== undefined ? reply : { ...reply, rd };
  // The server's own words for "nobody answered" are not changed.
  return reply.plugin === '' ? asked : { ...asked, ...onResponse };
}

function readRules(directive: Directive): Rules {
  noArgs(directive);
  const rules: Rules = { query: {}, response: {} };
  for (const line of directive.block ?? []) Object.assign(rules[readSelector(line)], readFlags(line));
  if (Object.keys({ ...rules.query, ...rules.response }).length === 0) throw argumentError(directive);
  return rules;
}

function readSelector({ name }: Directive): keyof Rules {
  const selector = name.text.toLowerCase();
  if (selector === 'query' || selector === 'response') return selector;
  throw errorAt(name, `setting up rule: invalid selector=${selector} should be query or response`);
}

function readFlags(line: Directive): Flags {
  noBlock(line);
  const [action, ...names] = line.args;
  if (action === undefined) throw errorAt(line.name, 'setting up rule: no flag action provided');
  if (names.length === 0) {
    throw errorAt(action, 'setting up rule: invalid length for flags, at least one should be provided');
  }
  const verb = action.text.toLowerCase();
  if (verb !== 'set' && verb !== 'clear') {
    throw errorAt(action, `setting up rule: unknown flag action=${verb}, should be set or clear`);
  }
  const flags: Flags = {};
  for (const token of names) {
    const name = token.text.toLowerCase();
    const flag = FLAGS.find((candidate) => candidate === name);
    if (flag === undefined) throw errorAt(token, `setting up rule: unknown/unsupported flag=${name}`);
    flags[flag] = verb === 'set';
  }
  return flags;
}
